package dev.kiln.api.distribution;

import dev.kiln.layercache.content.ContentStore;

/**
 * What a registry consists of.
 *
 * @param content all blobs, which others may share
 * @param files where blobs lie as files
 * @param tags the repositories
 * @param manifests what the repositories list, read from {@code content}
 */
public record Registry(ContentStore content, BlobFiles files, TagStore tags, StoredManifests manifests) {

    public static Registry of(ContentStore content, BlobFiles files, TagStore tags) {
        return new Registry(content, files, tags, new StoredManifests(content, tags));
    }
}
