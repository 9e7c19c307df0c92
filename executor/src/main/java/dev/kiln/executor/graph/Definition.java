package dev.kiln.executor.graph;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.Platform;

/**
 * The canonical form of a vertex, hashed: every field of the spec in the order of its record, each text with its length
 * before it, so that no two specs have one form.
 */
final class Definition {
    private final MessageDigest hash = Digest.newSha256();

    private Definition() {}

    static Digest digest(OpSpec op, List<Vertex> inputs, Freshness freshness) {
        Definition form = new Definition();
        form.text("kiln.vertex.v1");
        form.op(op);
        form.number(inputs.size());
        inputs.forEach(input -> form.text(input.digest().toString()));
        form.freshness(freshness);
        return Digest.ofSha256(form.hash.digest());
    }

    private void op(OpSpec op) {
        switch (op) {
            case OpSpec.Image(var reference, var layers) -> {
                text("image");
                text(reference.toString());
                texts(layers.stream().map(Digest::toString).toList());
            }
            case OpSpec.Scratch() -> text("scratch");
            case OpSpec.Context(var archive, var size) -> {
                text("context");
                text(archive.toString());
                number(size);
            }
            case OpSpec.Git git -> git(git);
            case OpSpec.Http(var address, var content, var size, var name, var modified) -> {
                text("http");
                text(address.toString());
                text(content.toString());
                number(size);
                text(name);
                optional(modified.map(Instant::toString));
            }
            case OpSpec.Run(var args, var env, var cwd, var user, var sandbox, var mounts) -> {
                text("run");
                texts(args);
                texts(env);
                text(cwd);
                text(user);
                sandbox(sandbox);
                number(mounts.size());
                mounts.forEach(this::mount);
            }
            case OpSpec.Copy(var items, var destination, var owner, var mode, var excludes, var linked, var ownersFromLast) -> {
                text("copy");
                number(items.size());
                items.forEach(this::item);
                text(destination);
                optional(owner);
                optional(mode);
                texts(excludes);
                flag(linked);
                flag(ownersFromLast);
            }
            case OpSpec.Merge() -> text("merge");
            case OpSpec.MakeDirectory(var path, var owner, var modified) -> {
                text("mkdir");
                text(path);
                optional(owner);
                optional(modified.map(Instant::toString));
            }
        }
    }

    /** Who wants a step to run makes no difference. */
    private void freshness(Freshness freshness) {
        switch (freshness) {
            case Freshness.Any() -> flag(false);
            case Freshness.Never _ -> flag(true);
            case Freshness.Within(var ttl) -> {
                flag(false);
                text(ttl.toString());
            }
        }
    }

    private void sandbox(Sandbox sandbox) {
        text(sandbox.network().name());
        flag(sandbox.insecure());
        text(sandbox.hostname());
        texts(sandbox.hosts());
        number(sandbox.sharedMemory().orElse(-1));
        number(sandbox.ulimits().size());
        for (Sandbox.Ulimit limit : sandbox.ulimits()) {
            text(limit.name());
            number(limit.soft());
            number(limit.hard());
        }
        optional(sandbox.platform().map(Platform::toString));
    }

    private void mount(StepMount mount) {
        text(mount.getClass().getSimpleName());
        switch (mount) {
            case StepMount.Bind(var input, var source, var target, var writable) -> {
                number(input);
                texts(List.of(source, target));
                flag(writable);
            }
            case StepMount.Cache(var id, var sharing, var input, var source, var target, var readOnly, var root, var onlyOnSuccess) -> {
                texts(List.of(id, sharing.name(), source, target));
                number(input.orElse(-1));
                flag(readOnly);
                flag(onlyOnSuccess);
                flag(root.isPresent());
                root.ifPresent(this::permissions);
            }
            case StepMount.Tmpfs(var target, var bytes) -> {
                text(target);
                number(bytes.orElse(-1));
            }
            case StepMount.Secret(var id, var target, var env, var file, var required) -> {
                text(id);
                optional(target);
                optional(env);
                permissions(file);
                flag(required);
            }
            case StepMount.Ssh(var id, var target, var file, var required) -> {
                texts(List.of(id, target));
                permissions(file);
                flag(required);
            }
            case StepMount.Inline(var target, var content) -> texts(List.of(target, content));
        }
    }

    private void permissions(StepMount.Permissions file) {
        number(file.mode());
        number(file.uid());
        number(file.gid());
    }

    private void item(CopyItem item) {
        text(item.getClass().getSimpleName());
        switch (item) {
            case CopyItem.Paths(var input, var path, var wildcards, var below, var unpack) -> {
                number(input);
                text(path);
                flag(wildcards);
                optional(below);
                flag(unpack);
            }
            case CopyItem.Inline(var name, var content) -> texts(List.of(name, content));
        }
    }

    private void git(OpSpec.Git git) {
        text("git");
        text(git.remote());
        text(git.ref());
        text(git.commit());
        text(git.subdirectory());
        flag(git.keepGitDirectory());
        flag(git.submodules());
        flag(git.commitTimes());
    }

    private void text(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        number(bytes.length);
        hash.update(bytes);
    }

    private void texts(List<String> values) {
        number(values.size());
        values.forEach(this::text);
    }

    private void optional(Optional<String> value) {
        flag(value.isPresent());
        value.ifPresent(this::text);
    }

    private void flag(boolean value) {
        hash.update((byte) (value ? 1 : 0));
    }

    private void number(long value) {
        hash.update(ByteBuffer.allocate(Long.BYTES).putLong(value).flip());
    }
}
