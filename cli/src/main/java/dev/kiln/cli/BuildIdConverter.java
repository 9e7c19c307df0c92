package dev.kiln.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

import dev.kiln.queue.job.BuildId;

final class BuildIdConverter implements ITypeConverter<BuildId> {

    @Override
    public BuildId convert(String value) {
        try {
            return new BuildId(value);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException("\"" + value + "\": " + e.getMessage());
        }
    }
}
