package dev.kiln.api.builds;

import java.util.stream.Stream;

import dev.kiln.layercache.oci.Digest;
import dev.kiln.queue.job.BuildFiles;
import dev.kiln.queue.job.BuildRequest;
import dev.kiln.queue.job.ContextRef;
import dev.kiln.queue.job.NamedContext;

/** Which blobs a request names. */
final class BuildBlobs {

    private BuildBlobs() {}

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
