package dev.kiln.queue.event;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.job.BuildRequest;

/**
 * Something that happened to a build.
 *
 * <p>All events after {@link Queued} but {@link CancelRequested} belong to an attempt. The attempt that counts is the one whose {@link Started}
 * stands last in the log; readers pass over events of any other that follow it. {@link Attempts} is this rule.
 */
public sealed interface BuildEvent {

    BuildId build();

    Instant at();

    /** Ends a build: nothing that follows changes its outcome. */
    sealed interface Final extends BuildEvent {
        /** The attempt that ended it; empty for a build that was cancelled before any attempt. */
        Optional<String> attempt();

        /** The whole log as a blob in the farm's registry, when there was one to keep. */
        Optional<Descriptor> log();
    }

    record Queued(BuildId build, Instant at, BuildRequest request) implements BuildEvent {}

    /**
     * Somebody wished that the build ends. From here on no attempt may publish that was not about to do so before: see
     * {@link Attempts}. The outcome follows as soon as the wish is obeyed.
     */
    record CancelRequested(BuildId build, Instant at, String reason) implements BuildEvent {}

    /**
     * An executor took the build.
     *
     * @param attempt a fresh name for this attempt
     * @param delivery 1 for the first, as the queue counts
     */
    record Started(BuildId build, Instant at, String attempt, String worker, int delivery) implements BuildEvent {

        public Started {
            if (delivery < 1) {
                throw new IllegalArgumentException("deliveries count from 1");
            }
        }
    }

    /**
     * A vertex of the graph, announced before any of them runs.
     *
     * @param vertex the digest of its definition
     * @param name what people read: {@code [build 2/4] RUN make}
     */
    record VertexAdded(BuildId build, Instant at, String attempt, Digest vertex, String name, List<Digest> inputs)
            implements
                BuildEvent {

        public VertexAdded {
            inputs = List.copyOf(inputs);
        }
    }

    record VertexStarted(BuildId build, Instant at, String attempt, Digest vertex) implements BuildEvent {}

    /** Why a vertex that started could not be taken from the cache; comes before its end. Sources are never asked for. */
    record VertexMissed(BuildId build, Instant at, String attempt, Digest vertex, CacheMiss miss)
            implements
                BuildEvent {}

    /** The result was there already. */
    record VertexCached(BuildId build, Instant at, String attempt, Digest vertex) implements BuildEvent {}

    /** @param error empty when it went well, else what failed, in words */
    record VertexCompleted(BuildId build, Instant at, String attempt, Digest vertex, Optional<String> error)
            implements
                BuildEvent {}

    /**
     * Output of a step as it came; pieces of one vertex and stream follow one another.
     *
     * @param stream 1 for standard output, 2 for standard error
     * @param text at most 64 KiB of UTF-8; bytes that were not UTF-8 are replaced
     */
    record VertexLog(BuildId build, Instant at, String attempt, Digest vertex, int stream, String text)
            implements
                BuildEvent {

        public VertexLog {
            if (stream != 1 && stream != 2) {
                throw new IllegalArgumentException("a stream is 1 or 2");
            }
        }
    }

    /**
     * Something a person should know that does not fail the build.
     *
     * @param vertex the step that it is about, when it is about one
     */
    record Warning(BuildId build, Instant at, String attempt, Optional<Digest> vertex, Notice notice)
            implements
                BuildEvent {

        /** A message alone. */
        public Warning(BuildId build, Instant at, String attempt, String message) {
            this(build, at, attempt, Optional.empty(), Notice.of(message));
        }
    }

    /**
     * The attempt is about to publish this image. Only the attempt that counts may, see
     * {@link dev.kiln.queue.EventLog#mayPublish}.
     */
    record Publishing(BuildId build, Instant at, String attempt, Digest manifest) implements BuildEvent {}

    /** The image can be pulled under this name. */
    record Pushed(BuildId build, Instant at, String attempt, ImageReference name, Digest manifest)
            implements
                BuildEvent {}

    /**
     * An output of the build is complete: what was to be pushed is, all else stands in the farm as {@code builds/<id>}.
     *
     * @param output which of those of the request, from 0
     * @param image the descriptor of the manifest or index, with the annotations that it shall have in a layout
     * @param config of a single image; absent for an index
     */
    record Exported(BuildId build, Instant at, String attempt, int output, Descriptor image, Optional<Digest> config)
            implements
                BuildEvent {

        public Exported {
            if (output < 0) {
                throw new IllegalArgumentException("outputs count from 0");
            }
        }
    }

    /** @param image the descriptor of the first output's manifest or index */
    record Succeeded(BuildId build, Instant at, Optional<String> attempt, Descriptor image, Optional<Descriptor> log)
            implements
                Final {}

    /**
     * @param reason for programs; {@code message} for people
     * @param vertex the step that failed, when it was one
     * @param exitCode of the step's process, when it ended by itself
     * @param retryable that the cause lay around the build, not in it, and all tries are used up: the same build may go
     *        well another time
     */
    record Failed(BuildId build, Instant at, Optional<String> attempt, Reason reason, String message,
            Optional<Digest> vertex, Optional<Integer> exitCode, boolean retryable, Optional<Descriptor> log)
            implements
                Final {}

    record Cancelled(BuildId build, Instant at, Optional<String> attempt, String reason, Optional<Descriptor> log)
            implements
                Final {}

    /** Why a build failed. */
    enum Reason {
        /** The Dockerfile or the request is wrong. */
        INVALID,
        /** A step of the build failed. */
        STEP_FAILED,
        /** The context could not be had or was refused. */
        CONTEXT,
        /** A base image could not be had. */
        BASE_IMAGE,
        /** A registry did not take the image. */
        PUSH,
        /** The build, or one of its steps, took longer than it may. */
        TIMEOUT,
        /** Delivered too often without an end. */
        ATTEMPTS_EXHAUSTED,
        /** The executor's disk is full, or was so for too long. */
        NO_SPACE,
        /** The executor is at fault. */
        INTERNAL
    }
}
