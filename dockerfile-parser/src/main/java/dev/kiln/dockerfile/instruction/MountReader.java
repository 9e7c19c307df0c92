package dev.kiln.dockerfile.instruction;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import dev.kiln.dockerfile.lex.Quoted;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;
import dev.kiln.dockerfile.source.Suggestion;

/**
 * Collects the options of one mount in the order in which they are written, which matters: what an option may be is judged
 * by the type said before it, bind if none was.
 */
final class MountReader {

    private enum Type {
        BIND, CACHE, TMPFS, SECRET, SSH;

        String written() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final List<String> KEYS = List.of("type", "from", "source", "target", "readonly", "id", "sharing",
            "required", "size", "mode", "uid", "gid", "src", "dst", "destination", "ro", "rw", "readwrite", "env");
    private static final Pattern OCTAL = Pattern.compile("0*[0-7]{1,10}|0*[123][0-7]{10}");
    private static final Pattern DECIMAL = Pattern.compile("\\d{1,18}");
    private static final long HIGHEST_ID = 0xFFFF_FFFFL;

    private Type type = Type.BIND;
    private String from = "";
    private String source = "";
    private String target = "";
    private String id = "";
    private @Nullable Boolean readOnly;
    private boolean required;
    private long size;
    private MountSpec.@Nullable Sharing sharing;
    private Optional<String> variable = Optional.empty();
    private Optional<Integer> mode = Optional.empty();
    private Optional<Long> uid = Optional.empty();
    private Optional<Long> gid = Optional.empty();

    void read(RunMount.Option option, UnaryOperator<String> expand) {
        if (option.value().isEmpty()) {
            readSwitch(option);
            return;
        }
        String value = expand.apply(option.value().get());
        String key = option.key();
        switch (key) {
            case "type" -> type = choice(Type.class, value, "unsupported mount type ");
            case "from" -> from = value;
            case "source", "src" -> source = value;
            case "target", "dst", "destination" -> target = value;
            case "readonly", "ro" -> readOnly = bool(key, value);
            case "readwrite", "rw" -> readOnly = !bool(key, value);
            case "required" -> {
                requireSecretOrSsh();
                required = bool(key, value);
            }
            case "size" -> size = size(value);
            case "id" -> id = value;
            case "sharing" -> sharing = choice(MountSpec.Sharing.class, value, "unsupported sharing value ");
            case "mode" -> mode = Optional.of(mode(value));
            case "uid" -> uid = Optional.of(number(key, value));
            case "gid" -> gid = Optional.of(number(key, value));
            case "env" -> variable = Optional.of(value);
            default -> throw wrong(Suggestion.append("unexpected key '" + key + "' in '" + option.field() + "'", key,
                    KEYS));
        }
    }

    private void readSwitch(RunMount.Option option) {
        switch (option.key()) {
            case "readonly", "ro" -> readOnly = true;
            case "readwrite", "rw" -> readOnly = false;
            case "required" -> {
                requireSecretOrSsh();
                required = true;
            }
            default -> throw wrong("invalid field '" + option.field() + "' must be a key=value pair");
        }
    }

    private void requireSecretOrSsh() {
        if (type != Type.SECRET && type != Type.SSH) {
            throw wrong("unexpected key 'required' for mount type '" + type.written() + "'");
        }
    }

    private long size(String value) {
        if (type != Type.TMPFS) {
            throw wrong("unexpected key 'size' for mount type '" + type.written() + "'");
        }
        return ByteCount.parse(value).orElseThrow(() -> wrong("invalid value for size: " + value));
    }

    private static boolean bool(String key, String value) {
        return Booleans.parse(value).orElseThrow(() -> wrong("invalid value for " + key + ": " + value));
    }

    private static int mode(String value) {
        if (!OCTAL.matcher(value).matches()) {
            throw wrong("invalid value " + value + " for mode");
        }
        return Integer.parseUnsignedInt(value, 8);
    }

    private static long number(String key, String value) {
        long number = DECIMAL.matcher(value).matches() ? Long.parseLong(value) : -1;
        if (number < 0 || number > HIGHEST_ID) {
            throw wrong("invalid value " + value + " for " + key);
        }
        return number;
    }

    private static <E extends Enum<E>> E choice(Class<E> constants, String value, String complaint) {
        String lower = value.toLowerCase(Locale.ROOT);
        List<String> names = Arrays.stream(constants.getEnumConstants())
            .map(constant -> constant.name().toLowerCase(Locale.ROOT))
            .toList();
        if (!names.contains(lower)) {
            throw wrong(Suggestion.append(complaint + Quoted.word(value), value, names));
        }
        return constants.getEnumConstants()[names.indexOf(lower)];
    }

    MountSpec spec() {
        checkPermissions();
        if (type == Type.SECRET) {
            checkSecret();
        }
        if (sharing != null && type != Type.CACHE) {
            throw wrong("invalid cache sharing set for " + type.written() + " mount");
        }
        Optional<String> origin = Optional.of(from).filter(name -> !name.isEmpty());
        MountSpec.Permissions permissions = new MountSpec.Permissions(mode, uid, gid);
        return switch (type) {
            case BIND -> new MountSpec.Bind(origin, source, target, readOnly == null || readOnly);
            case CACHE -> new MountSpec.Cache(origin, source, target, readOnly != null && readOnly,
                    id.isEmpty() ? SlashPath.clean(target) : id,
                    sharing == null ? MountSpec.Sharing.SHARED : sharing, permissions);
            case TMPFS -> new MountSpec.Tmpfs(target, readOnly != null && readOnly, size);
            case SECRET -> secret(permissions);
            case SSH -> ssh(permissions);
        };
    }

    private void checkPermissions() {
        if (type == Type.SECRET || type == Type.SSH || type == Type.CACHE) {
            return;
        }
        String given = mode.isPresent() ? "mode" : uid.isPresent() ? "uid" : gid.isPresent() ? "gid" : "";
        if (!given.isEmpty()) {
            throw wrong(given + " not allowed for " + Quoted.word(type.written()) + " type mounts");
        }
    }

    private void checkSecret() {
        if (!from.isEmpty()) {
            throw wrong("secret mount should not have a from");
        }
        if (sharing != null) {
            throw wrong("secret mount should not define sharing");
        }
        if (source.isEmpty() && target.isEmpty() && id.isEmpty()) {
            throw wrong("invalid secret mount. one of source, target required");
        }
        if (!source.isEmpty() && !id.isEmpty()) {
            throw wrong("both source and id can't be set");
        }
    }

    private MountSpec secret(MountSpec.Permissions permissions) {
        String name = !source.isEmpty() ? source : !id.isEmpty() ? id : SlashPath.base(target);
        Optional<String> file = !target.isEmpty()
                ? Optional.of(target)
                : variable.isPresent() ? Optional.empty() : Optional.of("/run/secrets/" + SlashPath.base(name));
        return new MountSpec.Secret(name, file, variable, required, permissions);
    }

    private MountSpec ssh(MountSpec.Permissions permissions) {
        if (!source.isEmpty()) {
            throw wrong("ssh does not support source");
        }
        return new MountSpec.Ssh(id.isEmpty() ? "default" : id,
                Optional.of(target).filter(path -> !path.isEmpty()), required, permissions);
    }

    private static DockerfileException wrong(String message) {
        return new DockerfileException(Code.FLAG, message);
    }
}
