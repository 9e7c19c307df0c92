package dev.kiln.layercache.oci;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a person calls an image: {@code [host[:port]/]repository[:tag][@digest]}.
 *
 * <p>A first component is a registry's host when it holds a dot or a colon or is {@code localhost}, as Docker reads it.
 * Without one the name belongs to the farm's own registry. Repository and tag follow the grammar of the OCI
 * distribution-spec ("Pulling manifests").
 *
 * @param registry host and optional port; empty for a name in the farm's own registry
 */
public record ImageReference(Optional<String> registry, String repository, Optional<String> tag,
        Optional<Digest> digest) {
    private static final Pattern REPOSITORY = Pattern
        .compile("[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*");
    private static final Pattern TAG = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}");
    private static final Pattern REGISTRY = Pattern
        .compile(
                "[A-Za-z0-9]+(-+[A-Za-z0-9]+)*(\\.[A-Za-z0-9]+(-+[A-Za-z0-9]+)*)*(:[0-9]{1,5})?|\\[[0-9a-fA-F:]+](:[0-9]{1,5})?");

    public ImageReference {
        registry.ifPresent(r -> check(r.length() <= 260 && REGISTRY.matcher(r).matches(), "registry host", r));
        check(repository.length() <= 255 && REPOSITORY.matcher(repository).matches(),
                "repository name (must be lowercase letters, digits, and . _ - / between them)", repository);
        tag.ifPresent(t -> check(TAG.matcher(t).matches(), "tag", t));
    }

    /** Reads a reference; throws {@link IllegalArgumentException} saying which part is wrong. */
    public static ImageReference parse(String text) {
        String rest = text;
        Optional<Digest> digest = Optional.empty();
        int at = rest.indexOf('@');
        if (at >= 0) {
            digest = Optional.of(Digest.parse(rest.substring(at + 1)));
            rest = rest.substring(0, at);
        }
        Optional<String> registry = Optional.empty();
        int slash = rest.indexOf('/');
        if (slash > 0 && isHost(rest.substring(0, slash))) {
            registry = Optional.of(rest.substring(0, slash));
            rest = rest.substring(slash + 1);
        }
        Optional<String> tag = Optional.empty();
        int colon = rest.lastIndexOf(':');
        if (colon >= 0) {
            tag = Optional.of(rest.substring(colon + 1));
            rest = rest.substring(0, colon);
        }
        return new ImageReference(registry, rest, tag, digest);
    }

    /** The digest when there is one, else the tag, else {@code latest}: what stands in a manifest URL. */
    public String manifestKey() {
        return digest.map(Digest::toString).orElseGet(() -> tag.orElse("latest"));
    }

    public ImageReference withDigest(Digest pinned) {
        return new ImageReference(registry, repository, tag, Optional.of(pinned));
    }

    private static boolean isHost(String first) {
        return first.equals("localhost") || first.indexOf('.') >= 0 || first.indexOf(':') >= 0;
    }

    private static void check(boolean ok, String what, String value) {
        if (!ok) {
            String shown = value.length() <= 100 ? value : value.substring(0, 100) + "…";
            throw new IllegalArgumentException("invalid " + what + ": \"" + shown + "\"");
        }
    }

    @Override
    public String toString() {
        return registry.map(r -> r + "/").orElse("") + repository + tag.map(t -> ":" + t).orElse("")
                + digest.map(d -> "@" + d).orElse("");
    }
}
