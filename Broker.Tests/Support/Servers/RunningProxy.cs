using System.ComponentModel;
using System.Globalization;
using System.Text.RegularExpressions;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>A load balancer of Debian's in front of two nodes, with the configuration that docs/how-to/run-many-nodes.md shows.</summary>
internal sealed class RunningProxy : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly RunningProcess _process;

    private RunningProxy(DirectoryInfo folder, RunningProcess process, int port) => (_folder, _process, Url) = (folder, process, new Uri($"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}"));

    public Uri Url { get; }

    /// <param name="name"><c>nginx</c>, <c>haproxy</c> or <c>caddy</c>: the program, and the language of the page's block.</param>
    /// <param name="nodes">Instead of the page's two.</param>
    public static async Task<RunningProxy> StartAsync(string name, params Uri[] nodes)
    {
        var page = await ReadPageAsync(name);
        return await StartAsync(name, (port, folder) => Adapt(name, page, port, folder, nodes));
    }

    /// <summary>nginx in front of one broker, set up by these directives only.</summary>
    /// <param name="directives">Of a location, besides <c>proxy_pass</c>.</param>
    public static Task<RunningProxy> StartNginxAsync(Uri broker, string directives) => StartAsync("nginx", (port, folder) => Adapt(
        "nginx", $"events {{ }}\nhttp {{\n server {{ listen 80; location / {{ proxy_pass {broker.GetLeftPart(UriPartial.Authority)}; {directives} }} }} }}", port, folder, [broker, broker]));

    private static async Task<RunningProxy> StartAsync(string name, Func<int, string, string> configure)
    {
        var folder = Directory.CreateTempSubdirectory("clawevents-proxy-");
        var port = RunningRedis.FreePort();
        var file = Path.Combine(folder.FullName, "proxy.conf");
        await File.WriteAllTextAsync(file, configure(port, folder.FullName));
        var proxy = new RunningProxy(folder, Start(name, file, folder.FullName), port);
        await Eventually.IsTrueAsync(proxy.AnswersAsync, $"{name} does not answer");
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static async Task<string> ReadPageAsync(string name)
    {
        var page = await File.ReadAllTextAsync(Path.Combine(RunningProcess.SolutionFolder, "docs/how-to/run-many-nodes.md"));
        return Regex.Match(page, $"```{name}\n(?<text>.*?)```", RegexOptions.Singleline).Groups["text"].Value;
    }

    private static string Adapt(string name, string text, int port, string folder, Uri[] nodes)
    {
        text = text.Replace("10.0.0.11:8080", nodes[0].Authority, StringComparison.Ordinal).Replace("10.0.0.12:8080", nodes[1].Authority, StringComparison.Ordinal);
        var listen = $"127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}";
        return name switch
        {
            // Its default files belong to the system's own nginx.
            "nginx" => $"daemon off;\npid {folder}/pid;\nerror_log stderr;\n"
                + text.Replace("listen 80;", $"listen {listen};", StringComparison.Ordinal).Replace("http {", $"http {{\n    access_log off;\n{Folders(folder)}", StringComparison.Ordinal),
            "haproxy" => text.Replace("bind :80", $"bind {listen}", StringComparison.Ordinal),
            _ => text.Replace(":80 {", $"http://{listen} {{", StringComparison.Ordinal),
        };
    }

    private static string Folders(string folder) =>
        string.Concat(((string[])["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]).Select(kind => $"    {kind}_temp_path {folder}/{kind};\n"));

    private static RunningProcess Start(string name, string file, string folder)
    {
        try
        {
            return name switch
            {
                "nginx" => RunningProcess.Start("/usr/sbin/nginx", ["-p", folder, "-c", file], folder),
                "haproxy" => RunningProcess.Start("/usr/sbin/haproxy", ["-f", file, "-db"], folder),
                _ => RunningProcess.Start("/usr/bin/caddy", ["run", "--adapter", "caddyfile", "--config", file], folder, ("HOME", folder)),
            };
        }
        catch (Win32Exception)
        {
            throw new AssertionException($"{name} is missing; on Debian: apt-get install -y nginx-light haproxy caddy");
        }
    }

    private async Task<bool> AnswersAsync()
    {
        using var http = new HttpClient { BaseAddress = Url };
        try
        {
            using var answer = await http.GetAsync(new Uri("/health", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
