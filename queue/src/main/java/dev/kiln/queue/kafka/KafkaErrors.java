package dev.kiln.queue.kafka;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.apache.kafka.common.errors.RecordTooLargeException;

import dev.kiln.queue.QueueException;
import dev.kiln.queue.QueueException.Code;

/** What Kafka throws, in the words of the contract. */
final class KafkaErrors {

    private KafkaErrors() {}

    /** @param what what we were doing, as in {@code submit build 01k…} */
    static QueueException translate(String what, Throwable problem) {
        Throwable cause = problem;
        while ((cause instanceof ExecutionException || cause instanceof CompletionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof QueueException known) {
            return known;
        }
        if (cause instanceof InterruptException || cause instanceof InterruptedException) {
            Thread.currentThread().interrupt();
            return new QueueException(Code.UNAVAILABLE, what + ": interrupted", cause);
        }
        Code code = switch (cause) {
            case RecordTooLargeException e -> Code.TOO_LARGE;
            case RecordBatchTooLargeException e -> Code.TOO_LARGE;
            case CorruptRecordException e -> Code.CORRUPT;
            case RecordDeserializationException e -> Code.CORRUPT;
            default -> Code.UNAVAILABLE;
        };
        return new QueueException(code, what + ": " + describe(cause), cause);
    }

    private static String describe(Throwable cause) {
        return switch (cause) {
            case org.apache.kafka.common.errors.TimeoutException e ->
                "Kafka does not answer (" + e.getMessage() + "); see whether the broker runs and can be reached";
            case java.util.concurrent.TimeoutException e ->
                "Kafka does not answer in time; see whether the broker runs and can be reached";
            default -> cause.getClass().getSimpleName() + ": " + cause.getMessage();
        };
    }
}
