package dev.kiln.dockerfile.lint;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The catalogue of rules. Names and descriptions are BuildKit's, except where {@link #own} says otherwise; each rule has
 * a page of its own, {@link #page}.
 */
public enum Rule {
    CONSISTENT_INSTRUCTION_CASING("ConsistentInstructionCasing", Kind.SHARED,
            "All commands within the Dockerfile should use the same casing (either upper or lower)"),
    COPY_IGNORED_FILE("CopyIgnoredFile", Kind.SHARED, "Attempting to Copy file that is excluded by .dockerignore"),
    /** Not found by the linter: only a build knows what a wildcard matches. */
    COPY_MATCHED_NOTHING("CopyMatchedNothing", Kind.OWN,
            "A wildcard among the sources of COPY or ADD matches no file, so nothing is copied for it"),
    DUPLICATE_STAGE_NAME("DuplicateStageName", Kind.SHARED, "Stage names should be unique"),
    EXPOSE_INVALID_FORMAT("ExposeInvalidFormat", Kind.SHARED,
            "IP address and host-port mapping should not be used in EXPOSE instruction. This will become an error in a future release"),
    EXPOSE_PROTO_CASING("ExposeProtoCasing", Kind.SHARED, "Protocol in EXPOSE instruction should be lowercase"),
    FROM_AS_CASING("FromAsCasing", Kind.SHARED, "The 'as' keyword should match the case of the 'from' keyword"),
    FROM_PLATFORM_FLAG_CONST_DISALLOWED("FromPlatformFlagConstDisallowed", Kind.SHARED,
            "FROM --platform flag should not use a constant value"),
    INVALID_BASE_IMAGE_PLATFORM("InvalidBaseImagePlatform", Kind.WITHOUT_URL,
            "Base image platform does not match expected target platform"),
    INVALID_DEFAULT_ARG_IN_FROM("InvalidDefaultArgInFrom", Kind.SHARED,
            "Default value for global ARG results in an empty or invalid base image name"),
    INVALID_DEFINITION_DESCRIPTION("InvalidDefinitionDescription", Kind.EXPERIMENTAL,
            "Comment for build stage or argument should follow the format: `# <arg/stage name> <description>`. If this is not intended to be a description comment, add an empty line or comment between the instruction and the comment."),
    JSON_ARGS_RECOMMENDED("JSONArgsRecommended", Kind.SHARED,
            "JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related to OS signals"),
    LEGACY_KEY_VALUE_FORMAT("LegacyKeyValueFormat", Kind.SHARED,
            "Legacy key/value format with whitespace separator should not be used"),
    MAINTAINER_DEPRECATED("MaintainerDeprecated", Kind.SHARED,
            "The MAINTAINER instruction is deprecated, use a label instead to define an image author"),
    MULTIPLE_INSTRUCTIONS_DISALLOWED("MultipleInstructionsDisallowed", Kind.SHARED,
            "Multiple instructions of the same type should not be used in the same stage"),
    NO_EMPTY_CONTINUATION("NoEmptyContinuation", Kind.SHARED,
            "Empty continuation lines will become errors in a future release"),
    REDUNDANT_TARGET_PLATFORM("RedundantTargetPlatform", Kind.SHARED,
            "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior"),
    RESERVED_STAGE_NAME("ReservedStageName", Kind.SHARED, "Reserved words should not be used as stage names"),
    SECRETS_USED_IN_ARG_OR_ENV("SecretsUsedInArgOrEnv", Kind.SHARED,
            "Sensitive data should not be used in the ARG or ENV commands"),
    STAGE_NAME_CASING("StageNameCasing", Kind.SHARED, "Stage names should be lowercase"),
    UNDEFINED_ARG_IN_FROM("UndefinedArgInFrom", Kind.SHARED, "FROM command must use declared ARGs"),
    UNDEFINED_VAR("UndefinedVar", Kind.SHARED, "Variables should be defined before their use"),
    WORKDIR_RELATIVE_PATH("WorkdirRelativePath", Kind.SHARED,
            "Relative workdir without an absolute workdir declared within the build can have unexpected results if the base image changes");

    private enum Kind {
        SHARED, WITHOUT_URL, EXPERIMENTAL, OWN
    }

    private static final String URLS = "https://docs.docker.com/go/dockerfile/rule/";
    private static final Pattern WORD_START = Pattern.compile("(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])");
    private static final Map<String, Rule> BY_ID = Arrays.stream(values())
        .collect(Collectors.toUnmodifiableMap(Rule::id, Function.identity()));

    private final String id;
    private final Kind kind;
    private final String description;

    Rule(String id, Kind kind, String description) {
        this.id = id;
        this.kind = kind;
        this.description = description;
    }

    /** The name by which directives skip it. */
    public String id() {
        return id;
    }

    /** The rule in general; a finding's message is about one case. */
    public String description() {
        return description;
    }

    /** Whether it is looked at only when a directive asks for it. */
    public boolean experimental() {
        return kind == Kind.EXPERIMENTAL;
    }

    /** Whether BuildKit does not have it. */
    public boolean own() {
        return kind == Kind.OWN;
    }

    /** Where BuildKit documents it, for the rules that have such a place. */
    public Optional<String> url() {
        return switch (kind) {
            case SHARED, EXPERIMENTAL ->
                Optional.of(URLS + WORD_START.matcher(id).replaceAll("-").toLowerCase(Locale.ROOT) + "/");
            case WITHOUT_URL, OWN -> Optional.empty();
        };
    }

    /** Where this project documents it: a path from the root of the sources. */
    public String page() {
        return "docs/lint/" + id + ".md";
    }

    public static Optional<Rule> of(String id) {
        return Optional.ofNullable(BY_ID.get(id));
    }
}
