package dev.kiln.queue.job;

import java.util.Map;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import dev.kiln.queue.Samples;
import dev.kiln.queue.json.GoldenJson;

class JobJsonGoldenTest {

    @Test
    @Tag("row:11.7")
    void request_writtenAndRead_isItsFile() {
        GoldenJson.check("request-json", Map.of("least", Samples.request(Samples.ID), "full",
                Samples.fullRequest(Samples.ID)), RequestJson::write, RequestJson::read);
    }

    @Test
    void job_writtenAndRead_isItsFile() {
        GoldenJson.check("job-json", Map.of("open", Job.of(Samples.request(Samples.ID)), "sealed",
                Samples.sealedJob(Samples.ID)), JobJson::write, JobJson::read);
    }
}
