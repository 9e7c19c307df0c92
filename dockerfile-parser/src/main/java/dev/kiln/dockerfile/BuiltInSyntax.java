package dev.kiln.dockerfile;

import java.util.regex.Pattern;

import dev.kiln.dockerfile.lex.Directive;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;

/** The language that is read here, under the names by which files ask for it. */
final class BuiltInSyntax {

    private static final Pattern NAMES = Pattern
        .compile("(docker\\.io/)?docker/dockerfile(:[\\w.-]+)?(@sha256:[0-9a-f]{64})?|dockerfile\\.v0");

    private BuiltInSyntax() {}

    /** @throws DockerfileException with code {@code UNSUPPORTED}, if the file is for another frontend */
    static void require(Directive syntax) {
        String image = syntax.firstWord();
        if (!NAMES.matcher(image).matches()) {
            throw new DockerfileException(Code.UNSUPPORTED,
                    "the syntax " + image + " is an external frontend image, and none is run here:"
                            + " only docker/dockerfile and dockerfile.v0 are understood",
                    syntax.range(), syntax.value());
        }
    }
}
