package dev.kiln.cli.build;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;

import tools.jackson.databind.JsonNode;

import dev.kiln.cli.client.ApiClient;
import dev.kiln.cli.client.ApiException;
import dev.kiln.cli.context.FileMemory;
import dev.kiln.cli.context.FolderFiles;
import dev.kiln.layercache.context.ContextEntry;
import dev.kiln.layercache.context.ContextLayout;
import dev.kiln.layercache.context.ContextUpload;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.queue.job.ContextRef;

/** Brings the files of a folder to the farm: what it has does not travel. */
final class ContextSender {
    /** So little data is sent without asking, and nothing of it is remembered. */
    private static final long LITTLE = 256 << 10;
    private static final int TRIES = 5;

    private final ApiClient client;

    ContextSender(ApiClient client) {
        this.client = client;
    }

    /** Returns by what a build names the context. */
    ContextRef.Uploaded send(FolderFiles files) throws ApiException, IOException {
        FileMemory memory = FileMemory.of(files.root(), System.getenv());
        FolderFiles.Seen seen = files.look(memory);
        String farm = client.address().toString();
        Optional<FileMemory.Sent> before = memory.sentTo(farm);
        boolean same = before.filter(sent -> sent.listing().digest().equals(seen.listing().digest())).isPresent();
        if (same) {
            OptionalLong size = client.contextSize(before.get().layout());
            if (size.isPresent()) {
                return new ContextRef.Uploaded(before.get().layout(), size.getAsLong());
            }
        }
        Upload upload = new Upload(seen);
        ContextRef.Uploaded layout = upload.send(before);
        if (upload.bytes > LITTLE) {
            memory.save(farm, layout.digest(), seen);
        }
        return layout;
    }

    private final class Upload {
        private final FolderFiles.Seen seen;
        private final List<Digest> distinct;
        private final Map<Digest, Long> sizes = new HashMap<>();
        private final long bytes;

        Upload(FolderFiles.Seen seen) {
            this.seen = seen;
            this.distinct = ContextLayout.distinct(seen.listing());
            seen.listing().files().forEach(file -> sizes.put(file.data(), file.size()));
            this.bytes = bytes(IntStream.range(0, distinct.size()).boxed().toList());
        }

        ContextRef.Uploaded send(Optional<FileMemory.Sent> before) throws ApiException, IOException {
            List<Integer> numbers = first(before);
            for (int tries = 0; tries < TRIES; tries++) {
                JsonNode answer = post(before.map(FileMemory.Sent::layout), numbers);
                if (answer.has("digest")) {
                    return new ContextRef.Uploaded(Digest.parse(answer.get("digest").asString()),
                            answer.path("size").asLong());
                }
                numbers = new ArrayList<>();
                for (JsonNode number : answer.path("missing")) {
                    numbers.add(number.asInt());
                }
            }
            throw new IOException(
                    "the farm asks for the same files again and again; is its disk too full to keep them?");
        }

        /** What the farm lacks, as far as that can be told without asking. */
        private List<Integer> first(Optional<FileMemory.Sent> before) {
            if (before.isEmpty() && bytes > LITTLE) {
                return List.of();
            }
            Set<Digest> there = new HashSet<>();
            before.ifPresent(sent -> sent.listing().files().stream().map(ContextEntry.File::data).forEach(there::add));
            return IntStream.range(0, distinct.size()).filter(i -> !there.contains(distinct.get(i))).boxed().toList();
        }

        private JsonNode post(Optional<Digest> base, List<Integer> numbers) throws ApiException, IOException {
            byte[] header = new ContextUpload(seen.listing(), base, numbers).header();
            try {
                return client.sendContext(header.length + bytes(numbers), out -> {
                    out.write(header);
                    write(numbers, out);
                });
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        }

        private void write(List<Integer> numbers, OutputStream out) throws IOException {
            for (int number : numbers) {
                Digest data = distinct.get(number);
                seen.writeData(data, sizes.getOrDefault(data, 0L), out);
            }
        }

        private long bytes(List<Integer> numbers) {
            return numbers.stream().mapToLong(number -> sizes.getOrDefault(distinct.get(number), 0L)).sum();
        }
    }
}
