package dev.kiln.executor.frontend;

import java.util.List;
import java.util.Optional;

import dev.kiln.dockerfile.instruction.Instruction;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.SourceRange;

/** A Dockerfile that gives no graph. The message is for the person who wrote it. */
public final class FrontendException extends Exception {
    private final Code code;
    private final boolean retryable;
    private final Place place;

    public enum Code {
        /** The Dockerfile or what was asked of it is wrong. */
        INVALID,
        /** Correct, but this version does not build it yet. */
        UNSUPPORTED,
        /** A base image could not be had. */
        BASE_IMAGE,
        /** Something at an address could not be had. */
        REMOTE
    }

    /** @param stage as step names call it; empty when there is no need to say */
    private record Place(List<SourceRange> ranges, String text, String stage) {
        private static final Place NOWHERE = new Place(List.of(), "", "");
    }

    private FrontendException(Code code, String message, boolean retryable, Place place, Optional<Throwable> cause) {
        super(message, cause.orElse(null));
        this.code = code;
        this.retryable = retryable;
        this.place = place;
    }

    /** An error that concerns no place in the file. */
    static FrontendException of(Code code, String message) {
        return new FrontendException(code, message, false, Place.NOWHERE, Optional.empty());
    }

    static FrontendException at(Instruction instruction, String stage, Code code, String message) {
        return new FrontendException(code, message, false, place(instruction, stage), Optional.empty());
    }

    /** The error of the language, at its own place if it has one. */
    static FrontendException of(DockerfileException e) {
        return of(e, new Place(e.ranges(), e.offendingText(), ""));
    }

    /** The error of the language, at its own place or else at the instruction. */
    static FrontendException at(Instruction instruction, String stage, DockerfileException e) {
        return of(e, e.ranges().isEmpty()
                ? place(instruction, stage)
                : new Place(e.ranges(), e.offendingText(), stage));
    }

    private static FrontendException of(DockerfileException e, Place place) {
        Code code = e.code() == DockerfileException.Code.UNSUPPORTED ? Code.UNSUPPORTED : Code.INVALID;
        return new FrontendException(code, e.message(), false, place, Optional.of(e));
    }

    static FrontendException at(Instruction instruction, String stage, BaseImages.BaseImageException e,
            String message) {
        return new FrontendException(Code.BASE_IMAGE, message, e.retryable(), place(instruction, stage),
                Optional.of(e));
    }

    static FrontendException at(Instruction instruction, String stage, Remotes.RemoteException e, String message) {
        return new FrontendException(Code.REMOTE, message, e.retryable(), place(instruction, stage), Optional.of(e));
    }

    /** One that concerns no place in the file. */
    static FrontendException of(Remotes.RemoteException e, String message) {
        return new FrontendException(Code.REMOTE, message, e.retryable(), Place.NOWHERE, Optional.of(e));
    }

    private static Place place(Instruction instruction, String stage) {
        return new Place(List.of(instruction.range()), instruction.origin().text(), stage);
    }

    public Code code() {
        return code;
    }

    /** True when the same build may succeed later. */
    public boolean retryable() {
        return retryable;
    }

    /** Innermost first; empty when no place in the file is to blame. */
    public List<SourceRange> ranges() {
        return place.ranges();
    }

    /** {@code file:line:column: [stage] message}, and on the next line the text that is wrong, as far as known. */
    public String describe(String file) {
        StringBuilder out = new StringBuilder(file);
        if (!ranges().isEmpty()) {
            out.append(':').append(ranges().getFirst());
        }
        out.append(": ");
        if (!place.stage().isEmpty()) {
            out.append('[').append(place.stage()).append("] ");
        }
        out.append(getMessage());
        if (!place.text().isEmpty()) {
            out.append("\n    ").append(place.text().replace("\n", "\n    "));
        }
        return out.toString();
    }
}
