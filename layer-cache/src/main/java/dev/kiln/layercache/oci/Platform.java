package dev.kiln.layercache.oci;

import java.util.Optional;

/** What an image runs on (OCI image-spec, image-index.md, "platform"): {@code os/architecture[/variant]}. */
public record Platform(String os, String architecture, Optional<String> variant) {

    public Platform {
        if (os.isBlank() || architecture.isBlank()) {
            throw new IllegalArgumentException("a platform needs an operating system and an architecture");
        }
    }

    /** The platform of the machine this JVM runs on, in Go's names as the specification wants them. */
    public static Platform host() {
        return switch (System.getProperty("os.arch")) {
            case "amd64", "x86_64" -> new Platform("linux", "amd64", Optional.empty());
            case "aarch64" -> new Platform("linux", "arm64", Optional.empty());
            case String other -> new Platform("linux", other, Optional.empty());
        };
    }

    /** Reads {@code os/architecture[/variant]}; throws {@link IllegalArgumentException} when it is not one. */
    public static Platform parse(String text) {
        String[] parts = text.split("/", -1);
        if (parts.length < 2 || parts.length > 3) {
            throw new IllegalArgumentException("invalid platform \"" + text + "\": expected os/architecture[/variant]");
        }
        return new Platform(parts[0], parts[1], parts.length == 3 ? Optional.of(parts[2]) : Optional.empty());
    }

    @Override
    public String toString() {
        return os + "/" + architecture + variant.map(v -> "/" + v).orElse("");
    }
}
