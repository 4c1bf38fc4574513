using System.Security.Cryptography;
using System.Text;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Files;

namespace ClawEvents.Broker.Administration;

/// <summary>Creates and checks configuration files. docs/reference/broker-commands.md</summary>
internal static class ConfigCommands
{
    private const string DefaultFile = "config.json";
    private const int Failed = 1;

    // sysexits' EX_USAGE.
    private const int WrongUsage = 64;

    /// <summary>The named file, as an argument of the broker.</summary>
    public static string[] FileArgument(CommandArguments arguments) =>
        arguments.Value("config") is { } file ? ["--config", file] : [];

    public static int Generate(CommandArguments arguments)
    {
        var file = arguments.Value("config") ?? DefaultFile;
        try
        {
            using var stream = new FileStream(file, DataFolder.FileOptions(FileMode.CreateNew));
            stream.Write(Encoding.UTF8.GetBytes(NewConfiguration(Path.GetExtension(file))));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            ErrorOutput.Write([$"genconfig: {exception.Message}"]);
            return Failed;
        }

        Console.WriteLine($"Created {file}. Run: clawevents-broker --config {file}");
        return 0;
    }

    /// <summary>Prints nothing if the settings are valid; with <c>--effective</c> their values. With <c>--strict</c>, settings without effect and unknown ones are faults, too.</summary>
    public static int Check(CommandArguments arguments, ICommandHost host)
    {
        if (arguments.Rest.Find(argument => !argument.StartsWith("--", StringComparison.Ordinal)) is { } stray)
        {
            ErrorOutput.Write([$"checkconfig: unexpected argument '{stray}'"]);
            return WrongUsage;
        }

        var file = FileArgument(arguments);
        var settings = host.ReadSettings([.. file.Length == 0 && File.Exists(DefaultFile) ? ["--config", DefaultFile] : file, .. arguments.Rest]);
        foreach (var line in arguments.Has("effective") ? settings.Effective : [])
        {
            Console.WriteLine(line);
        }

        ErrorOutput.Write(settings.Faults);
        ErrorOutput.Write(settings.Ignored.Select(name => $"{name}: a Centrifugo setting that has no effect in this broker"));
        ErrorOutput.Write(settings.Unknown);
        return settings.Faults.Count > 0 || (arguments.Has("strict") && settings.Ignored.Count + settings.Unknown.Count > 0) ? Failed : 0;
    }

    // In the format of Centrifugo 6: back ends and their operators know its keys.
    private static string NewConfiguration(string ending) => ending.ToLowerInvariant() switch
    {
        ".yaml" or ".yml" => $"""
            client:
              token:
                hmac_secret_key: "{NewKey()}"
              allowed_origins: []
            http_api:
              key: "{NewKey()}"

            """,
        ".toml" => $"""
            [client]
            allowed_origins = []

            [client.token]
            hmac_secret_key = "{NewKey()}"

            [http_api]
            key = "{NewKey()}"

            """,
        _ => $$"""
            {
              "client": {
                "token": {
                  "hmac_secret_key": "{{NewKey()}}"
                },
                "allowed_origins": []
              },
              "http_api": {
                "key": "{{NewKey()}}"
              }
            }

            """,
    };

    private static string NewKey() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
}
