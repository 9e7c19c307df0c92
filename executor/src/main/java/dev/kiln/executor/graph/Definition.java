package dev.kiln.executor.graph;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;

import dev.kiln.layercache.oci.Digest;

/**
 * The canonical form of a vertex, hashed: every field of the spec in the order of its record, each text with its length
 * before it, so that no two specs have one form.
 */
final class Definition {
    private final MessageDigest hash = Digest.newSha256();

    private Definition() {}

    static Digest digest(OpSpec op, List<Vertex> inputs, boolean noCache) {
        Definition form = new Definition();
        form.text("kiln.vertex.v1");
        form.op(op);
        form.number(inputs.size());
        inputs.forEach(input -> form.text(input.digest().toString()));
        form.flag(noCache);
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
            case OpSpec.Run(var args, var env, var cwd, var user, var network) -> {
                text("run");
                texts(args);
                texts(env);
                text(cwd);
                text(user);
                text(network.name());
            }
            case OpSpec.Copy(var sources, var destination, var owner, var resetOwner) -> {
                text("copy");
                texts(sources);
                text(destination);
                optional(owner);
                flag(resetOwner);
            }
            case OpSpec.MakeDirectory(var path, var owner) -> {
                text("mkdir");
                text(path);
                optional(owner);
            }
        }
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
