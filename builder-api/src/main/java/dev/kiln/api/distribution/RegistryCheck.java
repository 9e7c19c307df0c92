package dev.kiln.api.distribution;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.durable.Findings;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageDocument;

/** Looks at every repository of a registry that nobody uses: what a tag names, and what its image consists of. */
public final class RegistryCheck {
    private final TagStore tags;
    private final StoredManifests manifests;
    private final Set<Digest> blobs;
    private final Findings findings;

    private RegistryCheck(TagStore tags, BlobReader content, Set<Digest> blobs, Findings findings) {
        this.tags = tags;
        this.manifests = new StoredManifests(content, tags);
        this.blobs = blobs;
        this.findings = findings;
    }

    /** @param blobs those of {@code content} that are whole */
    public static void run(TagStore tags, BlobReader content, Set<Digest> blobs, Findings findings)
            throws IOException {
        RegistryCheck check = new RegistryCheck(tags, content, blobs, findings);
        for (RepositoryName name : tags.repositories()) {
            check.repository(name);
        }
    }

    private void repository(RepositoryName name) throws IOException {
        Path place = tags.folder(name);
        Set<Digest> listed = new HashSet<>();
        for (Digest manifest : tags.manifests(name)) {
            Optional<String> problem = problem(name, manifest);
            if (problem.isEmpty()) {
                listed.add(manifest);
            } else {
                findings.damaged(place, "the manifest " + manifest + " " + problem.get(), () -> {
                    boolean _ = tags.deleteManifest(name,
                            new TagStore.ListedManifest(manifest, "", Optional.empty()));
                });
            }
        }
        for (String tag : tags.tags(name)) {
            if (!isTag(name, tag)) {
                findings.note(place + " has a file " + tag + " among its tags that is none");
            } else if (tags.tagged(name, tag).filter(listed::contains).isEmpty()) {
                findings.damaged(place, "the tag " + tag + " names no manifest that is whole", () -> {
                    boolean _ = tags.deleteTag(name, tag);
                });
            }
        }
    }

    private static boolean isTag(RepositoryName name, String tag) {
        return name.admitsTag(tag);
    }

    private Optional<String> problem(RepositoryName name, Digest manifest) throws IOException {
        if (tags.mediaType(name, manifest).isEmpty()) {
            return Optional.of("has lost its media type");
        }
        if (!blobs.contains(manifest)) {
            return Optional.of("is not in the content store");
        }
        Optional<ImageDocument> document;
        try {
            document = manifests.document(name, manifest);
        } catch (DistributionException e) {
            return Optional.of("cannot be read: " + e.getMessage());
        }
        List<Digest> missing = document.stream()
            .flatMap(known -> known.references().stream())
            .map(Descriptor::digest)
            .filter(part -> !blobs.contains(part))
            .toList();
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of("lacks " + missing.getFirst()
                        + (missing.size() > 1 ? " and " + (missing.size() - 1) + " more" : ""));
    }
}
