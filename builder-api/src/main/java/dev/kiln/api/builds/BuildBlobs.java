package dev.kiln.api.builds;

import java.util.stream.Stream;

import dev.kiln.layercache.oci.Digest;
import dev.kiln.queue.job.BuildFiles;
import dev.kiln.queue.job.BuildRequest;
import dev.kiln.queue.job.ContextRef;
import dev.kiln.queue.job.Job;
import dev.kiln.queue.job.NamedContext;
import dev.kiln.queue.job.SealedSecrets;

/** Which blobs a request names. */
public final class BuildBlobs {

    private BuildBlobs() {}

    /** Those of the request and the sealed secrets. */
    public static Stream<Digest> of(Job job) {
        return Stream.concat(of(job.request()), job.secrets().stream().map(SealedSecrets::digest));
    }

    static Stream<Digest> of(BuildRequest request) {
        BuildFiles files = request.files();
        Stream<ContextRef> named = files.named().values().stream().flatMap(context -> switch (context) {
            case NamedContext.Files(ContextRef source) -> Stream.of(source);
            case NamedContext.Image _ -> Stream.empty();
        });
        return Stream.concat(Stream.concat(Stream.of(files.context()), files.dockerfileFrom().stream()), named)
            .flatMap(source -> switch (source) {
                case ContextRef.Uploaded(Digest digest, long _) -> Stream.of(digest);
                case ContextRef.Git _,ContextRef.Http _,ContextRef.Empty _ -> Stream.empty();
            });
    }
}
