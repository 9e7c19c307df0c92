package dev.kiln.queue.job;

import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.queue.job.CacheExport.Form;
import dev.kiln.queue.job.CacheExport.Mode;

import static dev.kiln.queue.job.Checks.check;

/**
 * A place of a cache as docker buildx writes it, {@code type=registry,ref=REF,mode=max}. All methods throw
 * {@link IllegalArgumentException} for what is malformed or not supported: no word is passed over.
 *
 * @param type {@code registry}, {@code mounts}, {@code inline} or another
 * @param words the rest, by name
 */
public record CacheWords(String type, Map<String, String> words) {

    public CacheWords {
        words = Map.copyOf(words);
    }

    /** One or, as references separated by commas, several places. */
    public static List<CacheWords> parse(String text) {
        List<String> fields = Csv.fields(text);
        if (text.indexOf('=') < 0) {
            return fields.stream().map(reference -> new CacheWords("registry", Map.of("ref", reference))).toList();
        }
        Map<String, String> words = Csv.pairs(fields);
        String type = words.remove("type");
        check(type != null, "type is required: type=registry,ref=…");
        return List.of(new CacheWords(String.valueOf(type), words));
    }

    public CacheImport toImport() {
        return switch (type) {
            case "registry" -> {
                allow(Set.of("ref", "registry.insecure"));
                refuseInsecure();
                yield new CacheImport.Registry(reference());
            }
            case "mounts" -> {
                allow(Set.of("ref", "registry.insecure"));
                refuseInsecure();
                yield new CacheImport.Mounts(reference());
            }
            default -> throw unknown("registry, mounts");
        };
    }

    public CacheExport toExport() {
        return switch (type) {
            case "registry" -> toRegistry(reference());
            case "mounts" -> toMounts(reference());
            case "inline" -> {
                allow(Set.of());
                yield new CacheExport.Inline();
            }
            default -> throw unknown("registry, mounts, inline");
        };
    }

    private CacheExport.Registry toRegistry(ImageReference reference) {
        allow(Set.of("ref", "mode", "oci-mediatypes", "image-manifest", "compression", "compression-level",
                "force-compression", "ignore-error", "registry.insecure"));
        refuseInsecure();
        String compression = words.getOrDefault("compression", "gzip");
        check(compression.equals("gzip"), "compression=" + Checks.shown(compression)
                + " is not supported: layers of a cache are those of images, which are gzip");
        check(!words.containsKey("compression-level"), "compression-level is not supported: layers are exported as"
                + " they were packed when their step ran");
        check(!flag("force-compression", false), "force-compression is not supported: layers are exported as they are");
        return new CacheExport.Registry(reference, mode(), form(), flag("ignore-error", false));
    }

    /** The ids are separated by semicolons, because commas separate words. */
    private CacheExport.Mounts toMounts(ImageReference reference) {
        allow(Set.of("ref", "id", "ignore-error", "registry.insecure"));
        refuseInsecure();
        String ids = words.get("id");
        return new CacheExport.Mounts(reference, ids == null ? List.of() : List.of(ids.split(";", -1)),
                flag("ignore-error", false));
    }

    private Mode mode() {
        return switch (words.getOrDefault("mode", "min")) {
            case "min" -> Mode.MIN;
            case "max" -> Mode.MAX;
            default -> throw new IllegalArgumentException(
                    "mode=" + Checks.shown(words.getOrDefault("mode", "")) + ": expected min or max");
        };
    }

    private Form form() {
        boolean oci = flag("oci-mediatypes", true);
        boolean image = flag("image-manifest", oci);
        check(oci || !image, "image-manifest=true needs oci-mediatypes=true");
        return image ? Form.IMAGE : oci ? Form.INDEX : Form.LIST;
    }

    private void refuseInsecure() {
        check(!flag("registry.insecure", false), "registry.insecure is not supported: a registry on loopback may speak"
                + " plain HTTP without being told, any other is configured for the executor");
    }

    private ImageReference reference() {
        String reference = words.getOrDefault("ref", "");
        check(!reference.isEmpty(), "missing ref: type=" + type + ",ref=…");
        return ImageReference.parse(reference);
    }

    private boolean flag(String name, boolean whenAbsent) {
        return Csv.flag(words, name, whenAbsent);
    }

    private void allow(Set<String> known) {
        Csv.allow(words.keySet(), known, type);
    }

    private IllegalArgumentException unknown(String known) {
        return new IllegalArgumentException("type=" + Checks.shown(type) + " is not supported; known: " + known);
    }
}
