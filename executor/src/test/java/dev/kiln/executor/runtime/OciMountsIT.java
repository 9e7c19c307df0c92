package dev.kiln.executor.runtime;

import java.io.IOException;
import java.nio.file.Path;

import org.junit.jupiter.api.Tag;

/** The runtime that is found here by itself: {@code crun} where it works. */
@Tag("privileged")
class OciMountsIT extends ContainerMountsContract {

    @Override
    OciRuntime open(Path state) throws IOException, InterruptedException {
        return RuntimeProbe.find(state, RuntimeProbe.CANDIDATES, Networks.Settings.DEFAULT).runtime();
    }
}
