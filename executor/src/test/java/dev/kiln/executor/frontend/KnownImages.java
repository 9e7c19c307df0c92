package dev.kiln.executor.frontend;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.ImageConfig.Healthcheck;
import dev.kiln.layercache.oci.ImageConfig.History;
import dev.kiln.layercache.oci.ImageConfig.RunConfig;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.Platform;

/** A handful of images, and a note of which were asked for. */
final class KnownImages implements BaseImages {
    private static final Instant MADE = Instant.parse("2024-03-01T10:00:00Z");
    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());

    @Override
    public BaseImage resolve(ImageReference reference, Platform platform) throws BaseImageException {
        asked.add(reference.toString());
        ImageConfig config = switch (reference.repository()) {
            case "app" -> app(platform);
            case "plain" -> image(platform, RunConfig.EMPTY, 1, List.of());
            case "short-history" -> image(platform, RunConfig.EMPTY, 3, List.of(history("one", false)));
            case "long-history" -> image(platform, RunConfig.EMPTY, 1,
                    List.of(history("one", false), history("two", false)));
            case "nothing" -> image(platform, RunConfig.EMPTY, 0, List.of());
            case "trigger" -> image(platform, onBuild(), 1, List.of());
            default -> throw new BaseImageException("registry farm answered 404 to " + reference,
                    reference.repository().equals("busy"), null);
        };
        return new BaseImage(reference.withDigest(digest('a')), config);
    }

    List<String> asked() {
        return asked.stream().sorted().toList();
    }

    static Digest digest(char digit) {
        return new Digest("sha256", String.valueOf(digit).repeat(64));
    }

    private static ImageConfig image(Platform platform, RunConfig run, int layers, List<History> history) {
        List<Digest> diffIds = "bcd".chars().limit(layers).mapToObj(c -> digest((char) c)).toList();
        return new ImageConfig(platform, Optional.of(MADE), Optional.of("Ada"), run, diffIds, history);
    }

    private static History history(String text, boolean empty) {
        return new History(Optional.of(MADE), text, Optional.empty(), empty);
    }

    private static ImageConfig app(Platform platform) {
        RunConfig run = new RunConfig("app", List.of("PATH=/opt/bin:/bin", "LANG=C"),
                Optional.of(List.of("/entry")), Optional.of(List.of("serve")), "/srv",
                new TreeMap<>(Map.of("base", "yes")), List.of("80/tcp"), List.of("/data"), Optional.of("SIGINT"),
                List.of("/bin/ash", "-c"), List.of(),
                Optional.of(new Healthcheck(List.of("CMD", "true"), 1_000_000_000, 0, 0, 0, 3)), false,
                Map.of("Hostname", "\"h\""));
        return image(platform, run, 2, List.of(history("ADD rootfs", false), history("ENV LANG=C", true),
                history("COPY app", false)));
    }

    private static RunConfig onBuild() {
        RunConfig none = RunConfig.EMPTY;
        return new RunConfig("", List.of(), none.entrypoint(), none.cmd(), "", none.labels(), List.of(), List.of(),
                none.stopSignal(), List.of(), List.of("RUN make", "COPY . /src"), none.healthcheck(), false, Map.of());
    }
}
