package dev.kiln.layercache.index;

class InMemoryCacheIndexTest extends CacheIndexContract {

    @Override
    protected CacheIndex index() {
        return new InMemoryCacheIndex();
    }
}
