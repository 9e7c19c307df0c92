package dev.kiln.layercache.content;

class InMemoryContentStoreTest extends ContentStoreContract {

    @Override
    protected ContentStore store() {
        return new InMemoryContentStore();
    }
}
