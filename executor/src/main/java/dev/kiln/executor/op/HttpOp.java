package dev.kiln.executor.op;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.solver.Op;
import dev.kiln.executor.solver.Result;
import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.posix.FileHandle;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.RawPath;

/** A downloaded file as the only one of a layer. Which one it is its digest says, so the address is in no key. */
final class HttpOp implements Op {
    private static final int MODE = 0600;
    private static final int BUFFER = 256 * 1024;

    private final OpSpec.Http spec;
    private final StepTools tools;
    private final RemoteFiles remote;

    HttpOp(OpSpec.Http spec, StepTools tools, RemoteFiles remote) {
        this.spec = spec;
        this.tools = tools;
        this.remote = remote;
    }

    @Override
    public Map<String, String> preimage() {
        Map<String, String> preimage = new LinkedHashMap<>();
        preimage.put("op", "http");
        preimage.put("content", spec.content().toString());
        preimage.put("name", spec.name());
        preimage.put("modified", modified().toString());
        return preimage;
    }

    @Override
    public boolean cacheable() {
        return true;
    }

    @Override
    public Result execute(List<Result> inputs, StepLog log) throws IOException, StepFailed, InterruptedException {
        if (spec.name().equals(".") || spec.name().equals("..") || spec.name().contains("/")) {
            throw new StepFailed("invalid name of a download: " + GoQuote.quote(spec.name()), Optional.empty());
        }
        if (tools.sources().blobs().size(spec.content()).isEmpty()) {
            remote.fetch(spec);
        }
        return tools.layers().over(new Result(List.of()), view -> {
            RawPath file = RawPath.of(view.root()).resolve(spec.name());
            boolean _ = tools.threads().run(() -> {
                write(file);
                return true;
            });
        });
    }

    private void write(RawPath file) throws IOException, InterruptedException {
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = tools.sources().blobs().open(spec.content());
                FileHandle out = FileHandle.create(file, MODE)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                out.write(ByteBuffer.wrap(buffer, 0, read));
                FileThreads.checkInterrupt();
            }
            out.chown(Owner.ROOT);
            out.chmod(MODE);
            out.setModified(modified());
        }
    }

    private Instant modified() {
        return spec.modified().orElse(Instant.EPOCH);
    }
}
