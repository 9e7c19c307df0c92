package dev.kiln.executor.runtime;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Tag;

@Tag("privileged")
class RuncMountsIT extends ContainerMountsContract {

    @Override
    OciRuntime open(Path state) throws IOException, InterruptedException {
        return RuntimeProbe.find(state, List.of("runc"), Networks.Settings.DEFAULT).runtime();
    }
}
