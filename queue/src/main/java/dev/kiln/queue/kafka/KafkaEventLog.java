package dev.kiln.queue.kafka;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

import dev.kiln.queue.EventLog;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.QueueException.Code;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.event.EventJson;
import dev.kiln.queue.event.Permission;
import dev.kiln.queue.job.BuildId;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** Events in a topic keyed by build, so that all of a build lie in one partition; positions are offsets in it. */
final class KafkaEventLog implements EventLog {
    private final KafkaClients clients;
    private final KafkaTopics topics;
    private final Producer<String, byte[]> producer;
    private final AttemptWatch watch;

    private KafkaEventLog(KafkaClients clients, KafkaTopics topics) {
        this.clients = clients;
        this.topics = topics;
        this.producer = clients.patientProducer();
        this.watch = new AttemptWatch(clients::nimbleReader);
    }

    /** Knows where its topic is when it returns, so that appending does not wait for that later. */
    static KafkaEventLog open(KafkaClients clients, KafkaTopics topics) {
        KafkaEventLog log = new KafkaEventLog(clients, topics);
        log.producer.partitionsFor(topics.events());
        log.watch.start();
        return log;
    }

    @Override
    public CompletionStage<Long> append(BuildEvent event) {
        String what = "append to the events of build " + event.build();
        byte[] json = EventJson.write(event);
        if (json.length > EventJson.MAX_BYTES) {
            return CompletableFuture.failedFuture(new QueueException(Code.TOO_LARGE, what + ": " + json.length
                    + " bytes of JSON, more than the " + EventJson.MAX_BYTES + " that an event may take"));
        }
        if (event instanceof BuildEvent.Started) {
            watch.follow(partition(event.build()), event.build());
        }
        CompletableFuture<Long> done = new CompletableFuture<>();
        try {
            producer.send(record(event, json), (metadata, problem) -> {
                if (problem == null) {
                    done.complete(metadata.offset());
                } else {
                    done.completeExceptionally(KafkaErrors.translate(what, problem));
                }
            });
        } catch (KafkaException | IllegalStateException e) {
            done.completeExceptionally(KafkaErrors.translate(what, e));
        }
        return done;
    }

    private ProducerRecord<String, byte[]> record(BuildEvent event, byte[] json) {
        return new ProducerRecord<>(topics.events(), partition(event.build()).partition(), event.build().value(), json);
    }

    @Override
    public void flush() throws QueueException {
        try {
            producer.flush();
        } catch (KafkaException e) {
            throw KafkaErrors.translate("flush events", e);
        }
    }

    @Override
    public Cursor read(BuildId build, long position) throws QueueException {
        return open(build, List.of(partition(build)), (consumer, ends) -> {
            TopicPartition partition = partition(build);
            if (position >= 0) {
                consumer.seek(partition, position + 1);
                return false;
            }
            consumer.seek(partition, BuildStart.guess(consumer, partition, build));
            return true;
        });
    }

    @Override
    public Cursor readAll(From from) throws QueueException {
        List<TopicPartition> all = IntStream.range(0, topics.partitionsOf(topics.events()))
            .mapToObj(number -> new TopicPartition(topics.events(), number))
            .toList();
        return open(null, all, (consumer, ends) -> {
            switch (from) {
                case OLDEST -> consumer.seekToBeginning(all);
                case NOW -> ends.forEach(consumer::seek);
            }
            return false;
        });
    }

    @Override
    public Permission mayPublish(BuildEvent.Publishing event) throws QueueException {
        String what = "ask whether build " + event.build() + " may be published";
        try {
            CompletableFuture<Long> appended = append(event).toCompletableFuture();
            producer.flush();
            long patience = topics.settings().patience().events().toMillis();
            return watch.judge(partition(event.build()), event.build(), appended.get())
                .get(patience, TimeUnit.MILLISECONDS);
        } catch (KafkaException | ExecutionException | TimeoutException | InterruptedException e) {
            throw KafkaErrors.translate(what, e);
        }
    }

    @Override
    public void close() {
        watch.close();
        producer.close(topics.settings().patience().answer());
    }

    /** Places a consumer; the answer is whether the place is a guess. */
    private interface Placing {
        boolean place(Consumer<String, byte[]> consumer, Map<TopicPartition, Long> ends);
    }

    private Cursor open(@Nullable BuildId build, List<TopicPartition> partitions, Placing placing)
            throws QueueException {
        Consumer<String, byte[]> consumer = clients.reader();
        try {
            consumer.assign(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            boolean guessed = placing.place(consumer, ends);
            return new EventCursor(consumer, build, ends, guessed);
        } catch (KafkaException e) {
            consumer.close();
            throw KafkaErrors.translate(build == null ? "read all events" : "read the events of build " + build, e);
        }
    }

    private TopicPartition partition(BuildId build) {
        byte[] key = build.value().getBytes(US_ASCII);
        return new TopicPartition(topics.events(),
                Utils.toPositive(Utils.murmur2(key)) % topics.partitionsOf(topics.events()));
    }
}
