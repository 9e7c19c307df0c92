package dev.kiln.executor.frontend;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.dockerfile.Dockerfile;
import dev.kiln.dockerfile.expand.Expander;
import dev.kiln.dockerfile.lex.CheckOptions;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.stage.Stage;
import dev.kiln.dockerfile.stage.StageGraph;
import dev.kiln.executor.frontend.BaseImages.BaseImage;
import dev.kiln.executor.graph.BuildGraph;
import dev.kiln.executor.graph.GraphBuilder;
import dev.kiln.layercache.oci.ImageConfig;

/**
 * Turns a Dockerfile into a graph and the configuration of its image, as BuildKit's frontend {@code dockerfile.v0} does.
 *
 * <p>Only stages that the target needs become vertices; images of others are not even looked up. Safe for many threads.
 */
public final class DockerfileFrontend {
    private final BaseImages images;

    public DockerfileFrontend(BaseImages images) {
        this.images = images;
    }

    /** @throws FrontendException when the file is wrong, not supported, or needs a base image that cannot be had */
    public BuildGraph translate(Dockerfile file, FrontendOptions options)
            throws FrontendException, InterruptedException {
        try {
            return translateFile(file, options);
        } catch (DockerfileException e) {
            throw FrontendException.of(e);
        }
    }

    private BuildGraph translateFile(Dockerfile file, FrontendOptions options)
            throws FrontendException, InterruptedException {
        file.directives()
            .check()
            .ifPresent(check -> Unsupported.when(CheckOptions.parse(check).failOnFindings(),
                    "the directive check=error=true"));
        BuildArguments arguments = BuildArguments.of(file, options);
        Expander expander = file.expander();
        StageGraph stages = StageGraph.of(file.stages(), arguments.globals(), expander);
        StageLabels labels = StageLabels.of(file);
        Stage target = target(file, stages, options.target());
        List<Stage> needed = stages.needed(target);
        Map<String, BaseImage> bases = new BaseResolver(images, options.platform(), labels).resolve(stages, needed);
        Translation build = new Translation(options, arguments, expander, stages, bases, new GraphBuilder(),
                new RepetitionLimit());
        StageTranslator translator = new StageTranslator(build, labels);
        for (Stage stage : needed) {
            translator.translate(stage);
        }
        return finish(build, translator.result(target));
    }

    /** A stage by its name, or else by its number in the file. */
    private static Stage target(Dockerfile file, StageGraph stages, Optional<String> name) {
        boolean number = name.filter(n -> n.matches("[0-9]{1,6}")).isPresent();
        int index = number ? Integer.parseInt(name.orElseThrow()) : -1;
        return number && index < file.stages().size() ? file.stages().get(index) : stages.target(name);
    }

    private static BuildGraph finish(Translation build, StageState target) {
        build.options().labels().forEach(target.config()::setLabel);
        ImageConfig made = target.config().toConfig();
        ImageConfig image = new ImageConfig(made.platform().normalized(), made.created(), made.author(),
                made.config(), made.layers(), made.history());
        return build.graph().build(target.root(), image, build.arguments().proxyEnv());
    }
}
