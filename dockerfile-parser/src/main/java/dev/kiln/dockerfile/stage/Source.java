package dev.kiln.dockerfile.stage;

/** Where files come from. */
public sealed interface Source {

    /** The result of another stage of the same file. */
    record OtherStage(Stage stage) implements Source {}

    /** An image by its name as written, with variables expanded. */
    record Image(String reference) implements Source {}

    /** A named context of the build. */
    record NamedContext(String name) implements Source {}

    /** Nothing: an empty root. */
    record Scratch() implements Source {}

    /** The build context. */
    record Context() implements Source {}
}
