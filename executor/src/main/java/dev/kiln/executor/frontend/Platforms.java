package dev.kiln.executor.frontend;

import java.util.Optional;

import dev.kiln.layercache.oci.Platform;

/** Platforms by their common names: {@code x86_64} is {@code amd64}, and 64-bit ARM's {@code v8} goes without saying. */
final class Platforms {

    private Platforms() {}

    static Platform normal(Platform platform) {
        String os = platform.os().equals("macos") ? "darwin" : platform.os();
        String variant = platform.variant().orElse("");
        return switch (platform.architecture()) {
            case "x86_64", "x86-64", "amd64" -> of(os, "amd64", variant.equals("v1") ? "" : variant);
            case "i386" -> of(os, "386", "");
            case "aarch64", "arm64" -> of(os, "arm64", variant.equals("8") || variant.equals("v8") ? "" : variant);
            case "armhf" -> of(os, "arm", "v7");
            case "armel" -> of(os, "arm", "v6");
            case "arm" -> of(os, "arm", switch (variant) {
                case "", "7" -> "v7";
                case "5", "6", "8" -> "v" + variant;
                default -> variant;
            });
            default -> platform;
        };
    }

    private static Platform of(String os, String architecture, String variant) {
        return new Platform(os, architecture, variant.isEmpty() ? Optional.empty() : Optional.of(variant));
    }
}
