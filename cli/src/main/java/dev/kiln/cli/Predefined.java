package dev.kiln.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import dev.kiln.layercache.oci.Platform;

/** The build arguments that are there without a declaration before the first FROM. */
final class Predefined {

    private Predefined() {}

    static Map<String, String> of(Platform build, Optional<Platform> target) {
        Map<String, String> predefined = new LinkedHashMap<>();
        describe("BUILD", build, predefined);
        describe("TARGET", target.orElse(build), predefined);
        return predefined;
    }

    private static void describe(String prefix, Platform platform, Map<String, String> predefined) {
        predefined.put(prefix + "PLATFORM", platform.toString());
        predefined.put(prefix + "OS", platform.os());
        predefined.put(prefix + "OSVERSION", "");
        predefined.put(prefix + "ARCH", platform.architecture());
        predefined.put(prefix + "VARIANT", platform.variant().orElse(""));
    }
}
