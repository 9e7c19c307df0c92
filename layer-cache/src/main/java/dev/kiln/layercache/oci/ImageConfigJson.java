package dev.kiln.layercache.oci;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

import dev.kiln.layercache.oci.ImageConfig.Healthcheck;
import dev.kiln.layercache.oci.ImageConfig.History;
import dev.kiln.layercache.oci.ImageConfig.RunConfig;

/** JSON of an image's configuration (OCI image-spec, config.md) with Docker's fields. */
public final class ImageConfigJson {
    /** Larger configs are refused. */
    public static final int MAX_BYTES = 16 << 20;
    private static final Set<String> KNOWN = Set.of("User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes",
            "WorkingDir", "Labels", "StopSignal", "ArgsEscaped", "Healthcheck", "OnBuild", "Shell");

    private ImageConfigJson() {}

    /** The canonical bytes; their digest is the image's id. */
    public static byte[] encode(ImageConfig image) {
        return encode(image, Map.of());
    }

    /** @param further fields that stand after those of the image: JSON text by name */
    public static byte[] encode(ImageConfig image, Map<String, String> further) {
        return CanonicalJson.object(json -> write(json, image, further));
    }

    private static void write(CanonicalJson json, ImageConfig image, Map<String, String> further) {
        json.string("created", image.created())
            .string("author", image.author())
            .string("architecture", image.platform().architecture())
            .string("os", image.platform().os())
            .string("os.version", image.platform().osVersion())
            .nonEmpty("os.features", image.platform().osFeatures())
            .string("variant", image.platform().variant())
            .object("config", run -> write(run, image.config()))
            .object("rootfs", rootfs -> rootfs.string("type", "layers")
                .strings("diff_ids", image.layers().stream().map(Digest::toString).toList()))
            .objects("history", image.history(), ImageConfigJson::write);
        new TreeMap<>(further).forEach(json::raw);
    }

    /** @throws OciException {@code TOO_LARGE} or {@code INVALID}, naming the field */
    public static ImageConfig decode(byte[] bytes) {
        JsonFields json = JsonFields.parse("the image config", bytes, MAX_BYTES);
        Platform platform = json.check("os", () -> new Platform(json.required("os"), json.required("architecture"),
                json.nonEmpty("variant"), json.nonEmpty("os.version"), json.strings("os.features").orElse(List.of())));
        return new ImageConfig(platform, json.time("created"), json.nonEmpty("author"),
                json.object("config").map(ImageConfigJson::runConfig).orElse(RunConfig.EMPTY), diffIds(json),
                json.objects("history").stream().map(ImageConfigJson::history).toList());
    }

    /**
     * A field of a configuration that is a text and says nothing of how the image is run.
     *
     * @throws OciException when it is another kind of value
     */
    public static Optional<String> text(byte[] config, String field) {
        return JsonFields.parse("the image config", config, MAX_BYTES).nonEmpty(field);
    }

    private static List<Digest> diffIds(JsonFields json) {
        return json.object("rootfs")
            .map(rootfs -> rootfs.strings("diff_ids")
                .orElse(List.of())
                .stream()
                .map(text -> rootfs.check("diff_ids", () -> Digest.parse(text)))
                .toList())
            .orElse(List.of());
    }

    private static RunConfig runConfig(JsonFields json) {
        return new RunConfig(json.string("User").orElse(""), json.strings("Env").orElse(List.of()),
                json.strings("Entrypoint"), json.strings("Cmd"), json.string("WorkingDir").orElse(""),
                json.stringMap("Labels"), json.names("ExposedPorts"), json.names("Volumes"),
                json.nonEmpty("StopSignal"), json.strings("Shell").orElse(List.of()),
                json.strings("OnBuild").orElse(List.of()),
                json.object("Healthcheck").map(ImageConfigJson::healthcheck), json.flag("ArgsEscaped"),
                json.others(KNOWN));
    }

    private static Healthcheck healthcheck(JsonFields json) {
        return new Healthcheck(json.strings("Test").orElse(List.of()), json.number("Interval"), json.number("Timeout"),
                json.number("StartPeriod"), json.number("StartInterval"),
                Math.clamp(json.number("Retries"), Integer.MIN_VALUE, Integer.MAX_VALUE));
    }

    private static History history(JsonFields json) {
        return new History(json.time("created"), json.string("created_by").orElse(""), json.nonEmpty("comment"),
                json.flag("empty_layer"), json.nonEmpty("author"));
    }

    private static void write(CanonicalJson json, RunConfig run) {
        json.string("User", run.user())
            .names("ExposedPorts", run.exposedPorts())
            .nonEmpty("Env", run.env());
        run.entrypoint().ifPresent(words -> json.strings("Entrypoint", words));
        run.cmd().ifPresent(words -> json.strings("Cmd", words));
        json.names("Volumes", run.volumes())
            .string("WorkingDir", run.workingDir())
            .map("Labels", run.labels())
            .string("StopSignal", run.stopSignal())
            .flag("ArgsEscaped", run.argsEscaped())
            .object("Healthcheck", run.healthcheck(), ImageConfigJson::write)
            .nonEmpty("OnBuild", run.onBuild())
            .nonEmpty("Shell", run.shell());
        new TreeMap<>(run.raw()).forEach(json::raw);
    }

    private static void write(CanonicalJson json, Healthcheck check) {
        json.nonEmpty("Test", check.test())
            .nonZero("Interval", check.interval())
            .nonZero("Timeout", check.timeout())
            .nonZero("StartPeriod", check.startPeriod())
            .nonZero("StartInterval", check.startInterval())
            .nonZero("Retries", check.retries());
    }

    private static void write(CanonicalJson json, History line) {
        json.string("created", line.created())
            .string("author", line.author())
            .string("created_by", line.createdBy())
            .string("comment", line.comment())
            .flag("empty_layer", line.emptyLayer());
    }
}
