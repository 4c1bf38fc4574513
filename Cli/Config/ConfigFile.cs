using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Config;

/// <summary>The config file: reading is lenient; writing is atomic, and other users cannot read the file.</summary>
internal sealed class ConfigFile
{
    private static readonly JsonWriterOptions Pretty = new()
    {
        Indented = true,
        IndentSize = 2,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private ConfigFile(string path, ConfigValues values, string? problem)
    {
        FullPath = path;
        Values = values;
        Problem = problem;
    }

    public string FullPath { get; }

    /// <summary>The values of the file; none is set if the file is missing or cannot be used.</summary>
    public ConfigValues Values { get; private set; }

    /// <summary>The reason for ignoring the file, one line that names it; null if the file is valid or missing.</summary>
    public string? Problem { get; }

    /// <summary>Reads the file; does not throw.</summary>
    public static ConfigFile Read(string path)
    {
        var (content, problem) = ReadObject(path);
        return new ConfigFile(path, content is { } file ? ConfigValues.From(file) : new ConfigValues(), problem);
    }

    /// <summary>Checks whether <see cref="Update"/> would succeed now, for verbs that first change something on the server: a new key
    /// that replaces the agent's only one would be lost if it could not be saved.</summary>
    /// <returns>null if it would; otherwise the error of <see cref="Update"/>.</returns>
    public Failure? CheckWritable()
    {
        var (_, problem) = ReadObject(FullPath);
        return problem is null ? TryWrite(() => PrivateFile.Try(FullPath)) : Broken(problem);
    }

    /// <summary>Applies <paramref name="change"/> to the current content of the file, which may be newer than <see cref="Values"/>,
    /// and writes it.</summary>
    /// <returns>null if it is saved; otherwise the error, and the file is unchanged.</returns>
    public Failure? Update(Func<ConfigValues, ConfigValues> change)
    {
        var (content, problem) = ReadObject(FullPath);
        if (problem is not null)
        {
            return Broken(problem);
        }

        var values = change(content is { } file ? ConfigValues.From(file) : new ConfigValues());
        var failure = TryWrite(() => PrivateFile.Replace(FullPath, Encode(values, content)));
        if (failure is null)
        {
            Values = values;
        }
        return failure;
    }

    // The user may want to repair a typing mistake; overwriting the file would lose the token.
    private Failure Broken(string problem) =>
        new(problem, $"Repair or remove the file: {FullPath}", "Use another one: --config <path>");

    private Failure? TryWrite(Action write)
    {
        try
        {
            write();
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new Failure(
                $"Cannot write the config file {FullPath}: {SystemText.Reason(exception)}",
                "Make the folder writable",
                "Use another config file: --config <path>");
        }
    }

    private static (JsonElement? Content, string? Problem) ReadObject(string path)
    {
        try
        {
            var text = File.ReadAllBytes(path);
            return JsonText.TryParse(WithoutByteOrderMark(text)) is { ValueKind: JsonValueKind.Object } content
                ? (content, null)
                : (null, $"The config file {path} is not a JSON object");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return (null, null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (null, $"Cannot read the config file {path}: {SystemText.Reason(exception)}");
        }
    }

    private static ReadOnlyMemory<byte> WithoutByteOrderMark(byte[] text) =>
        text.AsSpan().StartsWith("\uFEFF"u8) ? text.AsMemory(3) : text;

    private static byte[] Encode(ConfigValues values, JsonElement? before)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Pretty))
        {
            json.WriteStartObject();
            values.Write(json, before);
            json.WriteEndObject();
        }
        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }
}
