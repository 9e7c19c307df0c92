package dev.kiln.queue.job;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.queue.job.LayerCompression.Kind;

import static dev.kiln.queue.job.Checks.check;

/**
 * An output as docker buildx writes it, {@code type=image,name=REF,push=true}. All methods throw
 * {@link IllegalArgumentException} for what is malformed or not supported: no word is passed over.
 *
 * @param type {@code image}, {@code registry} or another
 * @param words the rest, by name
 */
public record OutputWords(String type, Map<String, String> words) {
    private static final Set<String> FORM = Set.of("compression", "compression-level", "force-compression",
            "oci-mediatypes", "rewrite-timestamp", "squash");
    private static final Set<String> PUSH = Set.of("name", "push", "push-by-digest", "unpack", "store");
    private static final Pattern ANNOTATION = Pattern
        .compile("annotation(?:-([a-z-]+(?:\\[[A-Za-z0-9_/-]+])?)|(\\[[A-Za-z0-9_/-]+]))?\\.(\\S+)");
    /** Words of BuildKit that ask for what there is not, and why there is not. */
    private static final Map<String, String> REFUSED = Map.of(
            "registry.insecure", "a registry on loopback may speak plain HTTP without being told, any other is"
                    + " configured for the executor",
            "dangling-name-prefix", "images have no names beside those that they are given",
            "danging-name-empty-only", "images have no names beside those that they are given",
            "name-canonical", "images have no names beside those that they are given",
            "prefer-nondist-layers", "layers keep the media type that they came with",
            "attestation-inline", "images have no attestations",
            "oci-artifact", "images have no attestations",
            "source-date-epoch", "say --build-arg SOURCE_DATE_EPOCH=SECONDS, which is for the whole build");

    public OutputWords {
        words = Map.copyOf(words);
        for (Map.Entry<String, String> refused : REFUSED.entrySet()) {
            check(!words.containsKey(refused.getKey()),
                    refused.getKey() + " is not supported: " + refused.getValue());
        }
    }

    /** Reads {@code type=TYPE,KEY=VALUE,…}. */
    public static OutputWords parse(String text) {
        Map<String, String> words = Csv.pairs(Csv.fields(text));
        String type = words.remove("type");
        check(type != null, "type is required for output: type=image,…");
        return new OutputWords(String.valueOf(type), words);
    }

    /** The same without one of its words. */
    public OutputWords without(String word) {
        Map<String, String> rest = new HashMap<>(words);
        rest.remove(word);
        return new OutputWords(type, rest);
    }

    public boolean flag(String name, boolean whenAbsent) {
        return Csv.flag(words, name, whenAbsent);
    }

    /** What the farm is asked for; what a client does itself, as to write a file, it takes out of the words before. */
    public Output toOutput() {
        return switch (type) {
            case "image" -> toImage(flag("push", false));
            case "registry" -> toImage(flag("push", true));
            case "oci", "docker" -> {
                allow(FORM, Set.of("name"));
                names();
                yield new Output.Image(List.of(), Output.Push.NO, form());
            }
            case "tar", "local" -> {
                Csv.allow(words.keySet(), Set.of(), type);
                yield new Output.Files();
            }
            default -> throw new IllegalArgumentException("type=" + Checks.shown(type)
                    + " is not supported; known: image, registry, oci, docker, tar, local");
        };
    }

    private Output.Image toImage(boolean push) {
        allow(FORM, PUSH);
        check(!flag("unpack", false), "unpack is not supported: a farm has no store of unpacked images; pull it where"
                + " it is to run");
        check(flag("store", true) || push, "store=false is not possible: an image that is not pushed is kept in the"
                + " farm");
        boolean byDigest = flag("push-by-digest", false);
        check(push || !byDigest, "push-by-digest=true needs push=true");
        return new Output.Image(names(),
                !push ? Output.Push.NO : byDigest ? Output.Push.DIGEST : Output.Push.TAGS, form());
    }

    /** What {@code name} says; several are separated by commas. */
    public List<ImageReference> names() {
        String names = words.getOrDefault("name", "");
        return names.isEmpty() ? List.of() : Arrays.stream(names.split(",", -1)).map(ImageReference::parse).toList();
    }

    private ImageForm form() {
        Optional<LayerCompression> compression = compression();
        return new ImageForm(compression, flag("force-compression", false), flag("oci-mediatypes", true),
                flag("rewrite-timestamp", false), flag("squash", false), annotations());
    }

    private Optional<LayerCompression> compression() {
        String level = words.get("compression-level");
        Optional<Kind> kind = Optional.ofNullable(words.get("compression"))
            .map(Kind::parse)
            .or(() -> level != null || flag("force-compression", false) ? Optional.of(Kind.GZIP) : Optional.empty());
        check(level == null || level.matches("-?[0-9]{1,4}"),
                "compression-level=" + Checks.shown(String.valueOf(level)) + ": expected a number");
        return kind.map(k -> new LayerCompression(k,
                level == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(level))));
    }

    private List<Annotation> annotations() {
        List<Annotation> all = new ArrayList<>();
        new TreeMap<>(words).forEach((word, value) -> {
            Matcher matcher = ANNOTATION.matcher(word);
            if (matcher.matches()) {
                String place = matcher.group(1) != null
                        ? matcher.group(1)
                        : "manifest" + Optional.ofNullable(matcher.group(2)).orElse("");
                all.add(Annotation.at(place, matcher.group(3), value));
            }
        });
        return all;
    }

    private void allow(Set<String> some, Set<String> more) {
        Set<String> known = new HashSet<>(some);
        known.addAll(more);
        known.add("annotation.KEY");
        Set<String> others = new HashSet<>(words.keySet());
        others.removeIf(word -> ANNOTATION.matcher(word).matches());
        Csv.allow(others, known, type);
    }
}
