package dev.kiln.dockerfile.fuzz;

import dev.kiln.dockerfile.Dockerfile;
import dev.kiln.dockerfile.DockerfileParser;
import dev.kiln.dockerfile.lex.Lexer;

/** What is fuzzed: the parser, or a broken one that shows what the fuzzer finds. */
interface Subject {

    Subject PARSER = new Subject() {};

    default Dockerfile parse(byte[] file) {
        return DockerfileParser.parse(file);
    }

    default String dump(byte[] file) {
        return Lexer.lex(file).dump();
    }
}
