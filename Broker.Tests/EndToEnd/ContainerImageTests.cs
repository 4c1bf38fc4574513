using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.AspNetCore.Http;

namespace ClawEvents.Broker.Tests.EndToEnd;

/// <summary>The container image that the SDK makes without an engine, from a base image of this test, compared with the Dockerfile.</summary>
/// <remarks>Publishing takes minutes: the targets that make the image run alone, on a program that is there.</remarks>
[Platform("Linux")]
[UnsupportedOSPlatform("windows")]
internal sealed partial class ContainerImageTests
{
    private const string Program = "app/clawevents-broker";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    // Made once for all tests of the fixture.
    private static JsonNode _config = null!;
    private static List<(string Name, UnixFileMode Mode, byte[] Content)> _files = null!;

    private static string Dockerfile => DeploymentFiles.Read("Dockerfile");

    [OneTimeSetUp]
    public static async Task MakeImageAsync()
    {
        using var folder = new TemporaryFolder();
        await using var registry = await Registry.StartAsync();
        var archive = Path.Combine(folder.Path, "image.tar.gz");
        var published = Directory.CreateDirectory(Path.Combine(folder.Path, "published")).FullName;
        File.Copy(Path.Combine(AppContext.BaseDirectory, "clawevents-broker"), Path.Combine(published, "clawevents-broker"));
        string[] arguments =
        [
            "msbuild", "Broker/Broker.csproj", "-t:ComputeContainerConfig", "-t:_PublishSingleContainer", "-nodeReuse:false", "-p:Configuration=Release", "-p:RuntimeIdentifier=linux-x64",
            $"-p:PublishDir={published}/", $"-p:ContainerBaseImage={registry.Origin.Authority}/base:1", $"-p:ContainerArchiveOutputPath={archive}",
        ];
        await using var build = RunningProcess.Start("dotnet", arguments, RunningProcess.SolutionFolder, ("DOTNET_CONTAINER_INSECURE_REGISTRIES", registry.Origin.Authority));
        var output = await build.ReadToEndAsync(Patience);
        Assert.That(await build.WaitForExitAsync(Patience), Is.Zero, output);
        Read(archive);
    }

    [Test]
    public void The_image_has_user_port_and_program_of_the_Dockerfile()
    {
        var entrypoint = JsonNode.Parse(Last("ENTRYPOINT"))!.AsArray().Single().Text().Replace("./", $"{Last("WORKDIR")}/", StringComparison.Ordinal);

        Assert.That(_config["User"].Text(), Is.EqualTo(Last("USER")).And.Not.EqualTo("0").And.Not.EqualTo("root"));
        Assert.That(_config["ExposedPorts"]!.AsObject().Select(port => port.Key), Is.EqualTo(new[] { $"{Last("EXPOSE")}/tcp" }));
        Assert.That(_config["Entrypoint"]!.AsArray().Select(part => part.Text()), Is.EqualTo(new[] { entrypoint }));
        Assert.That(_config["WorkingDir"].Text(), Is.EqualTo(Last("WORKDIR")));
    }

    [Test]
    public void The_image_has_the_settings_of_the_Dockerfile_and_no_secret()
    {
        var variables = _config["Env"]!.AsArray().Select(variable => variable.Text()).Where(variable => !variable.StartsWith("PATH=", StringComparison.Ordinal)).ToList();
        var ofDockerfile = Regex.Match(Dockerfile, @"^ENV ((?:.*\\\n)*.*)$", RegexOptions.Multiline).Groups[1].Value.Replace("\\\n", "", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries);

        Assert.That(variables, Is.EquivalentTo(ofDockerfile));
        Assert.That(variables.Select(variable => variable.Split('=')[0]).Where(DeploymentFiles.IsSecret), Is.Empty);
        Assert.That(variables, Has.Member($"CLAW_DATA_DIR={Last("VOLUME")}"));
        Assert.That(_config["Labels"]!["org.opencontainers.image.version"].Text(), Does.Match(@"^\d+\.\d+\.\d+$"));
    }

    [Test]
    public void The_layers_have_the_program_and_nothing_of_the_machine_that_made_it()
    {
        var program = _files.Single(file => file.Name == Program);

        Assert.That(_files.Select(file => file.Name), Is.EquivalentTo(new[] { "etc/passwd", Program }), "The base, and the program.");
        Assert.That(program.Content, Is.EqualTo(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "clawevents-broker"))));
        Assert.That(program.Mode & (UnixFileMode.OtherExecute | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite), Is.EqualTo(UnixFileMode.OtherExecute));
    }

    [Test]
    public void The_base_image_is_that_of_the_Dockerfile()
    {
        var project = DeploymentFiles.Read("Broker/Broker.csproj");
        var family = Regex.Match(project, "<ContainerFamily>(.+)</ContainerFamily>").Groups[1].Value;

        Assert.That(FromLines().Matches(Dockerfile)[^1].Groups[1].Value, Is.EqualTo($"mcr.microsoft.com/dotnet/runtime-deps:10.0-{family}"));
    }

    // The last one belongs to the image; those before to the stage that builds.
    private static string Last(string instruction) => Regex.Matches(Dockerfile, $"^{instruction} (.+)$", RegexOptions.Multiline)[^1].Groups[1].Value;

    private static void Read(string archive)
    {
        var entries = ReadTar(File.ReadAllBytes(archive)).ToDictionary(entry => entry.Name, entry => entry.Content);
        var manifest = JsonNode.Parse(entries["manifest.json"])![0]!;
        _config = JsonNode.Parse(entries[manifest["Config"].Text()])!["config"]!;
        _files = [.. manifest["Layers"]!.AsArray().SelectMany(layer => ReadTar(entries[layer.Text()]))];
    }

    private static List<(string Name, UnixFileMode Mode, byte[] Content)> ReadTar(byte[] bytes)
    {
        var files = new List<(string, UnixFileMode, byte[])>();
        using Stream stream = bytes is [0x1F, 0x8B, ..] ? new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress) : new MemoryStream(bytes);
        using var tar = new TarReader(stream);
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile)
            {
                using var content = new MemoryStream();
                entry.DataStream?.CopyTo(content);
                files.Add((entry.Name, entry.Mode, content.ToArray()));
            }
        }

        return files;
    }

    [GeneratedRegex("^FROM ([^ \n]+)", RegexOptions.Multiline)]
    private static partial Regex FromLines();

    /// <summary>A registry with one image, <c>base:1</c>, of one layer with one file.</summary>
    private sealed class Registry : RunningFarServer
    {
        private const string ManifestType = "application/vnd.docker.distribution.manifest.v2+json";

        private readonly Dictionary<string, byte[]> _blobs = [];
        private readonly byte[] _manifest;

        private Registry()
        {
            var layer = Tar("etc/passwd", "app:x:1654:1654::/home/app:/bin/false\n");
            var compressed = Compress(layer);
            var config = JsonSerializer.SerializeToUtf8Bytes(new JsonObject
            {
                ["architecture"] = "amd64",
                ["os"] = "linux",
                ["config"] = new JsonObject { ["Env"] = new JsonArray("PATH=/bin"), ["User"] = "0" },
                ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(Digest(layer)) },
                ["history"] = new JsonArray(),
            });
            _manifest = JsonSerializer.SerializeToUtf8Bytes(new JsonObject
            {
                ["schemaVersion"] = 2,
                ["mediaType"] = ManifestType,
                ["config"] = Descriptor("application/vnd.docker.container.image.v1+json", config),
                ["layers"] = new JsonArray(Descriptor("application/vnd.docker.image.rootfs.diff.tar.gzip", compressed)),
            });
        }

        public static async Task<Registry> StartAsync()
        {
            var registry = new Registry();
            await registry.StartApplicationAsync();
            return registry;
        }

        protected override async Task AnswerAsync(HttpContext context)
        {
            var path = context.Request.Path.Value!;
            var body = path.Contains("/manifests/", StringComparison.Ordinal) ? _manifest : _blobs.GetValueOrDefault(path.Split('/')[^1]);
            if (body is null)
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }

            context.Response.ContentType = body == _manifest ? ManifestType : "application/octet-stream";
            context.Response.ContentLength = body.Length;
            context.Response.Headers["Docker-Content-Digest"] = Digest(body);
            await context.Response.Body.WriteAsync(HttpMethods.IsHead(context.Request.Method) ? [] : body);
        }

        private JsonObject Descriptor(string type, byte[] blob)
        {
            _blobs[Digest(blob)] = blob;
            return new() { ["mediaType"] = type, ["size"] = blob.Length, ["digest"] = Digest(blob) };
        }

        private static string Digest(byte[] bytes) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}";

        private static byte[] Tar(string name, string text)
        {
            using var stream = new MemoryStream();
            using (var tar = new TarWriter(stream))
            {
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
            }

            return stream.ToArray();
        }

        private static byte[] Compress(byte[] bytes)
        {
            using var stream = new MemoryStream();
            using (var gzip = new GZipStream(stream, CompressionMode.Compress))
            {
                gzip.Write(bytes);
            }

            return stream.ToArray();
        }
    }
}
