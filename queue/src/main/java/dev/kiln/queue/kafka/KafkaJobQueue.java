package dev.kiln.queue.kafka;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

import org.apache.kafka.clients.producer.ProducerRecord;

import dev.kiln.queue.ClaimSource;
import dev.kiln.queue.JobQueue;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.job.Job;
import dev.kiln.queue.job.JobJson;

/** Jobs in a topic that all executors consume as one share group. */
final class KafkaJobQueue implements JobQueue {
    /** Members beside the slots' own, for builds that wait out a delay; beyond that a slot waits with its build. */
    private static final int MAX_PARKED = 16;

    private final KafkaClients clients;
    private final KafkaTopics topics;
    private final PromptSender sender;
    private final Orphans orphans;
    private final Set<Member> members = ConcurrentHashMap.newKeySet();
    private final Semaphore parking = new Semaphore(MAX_PARKED);

    KafkaJobQueue(KafkaClients clients, KafkaTopics topics, PromptSender sender) {
        this.clients = clients;
        this.topics = topics;
        this.sender = sender;
        this.orphans = new Orphans(topics.settings().patience().events());
    }

    @Override
    public void submit(Job job) throws QueueException {
        String what = "submit build " + job.request().id();
        byte[] json = JobJson.write(job);
        if (json.length > JobJson.MAX_BYTES) {
            throw new QueueException(QueueException.Code.TOO_LARGE, what + ": " + json.length
                    + " bytes of JSON, more than the " + JobJson.MAX_BYTES + " that a job may take");
        }
        var _ = sender.send(what, new ProducerRecord<>(topics.jobs(), job.request().id().value(), json));
    }

    @Override
    public ClaimSource openSlot() {
        return new KafkaSlot(this);
    }

    @Override
    public int deliveryLimit() {
        return topics.settings().claims().deliveryLimit();
    }

    /** Closes all slots, and hands back what they hold. */
    @Override
    public void close() {
        members.forEach(Member::startClosing);
        members.forEach(this::close);
        orphans.loseAll();
    }

    Member openMember() {
        KafkaSettings settings = topics.settings();
        Member member = new Member(clients.shareConsumer(), topics.jobs(), settings.claims().lock(),
                settings.patience().answer(), orphans, members::remove);
        members.add(member);
        member.start();
        return member;
    }

    /** Lets a busy member finish what it has apart from its slot, if there is room. */
    boolean park(Member member) {
        return parking.tryAcquire() && member.retire(parking::release);
    }

    void close(Member member) {
        member.startClosing();
        member.awaitFinish();
    }
}
