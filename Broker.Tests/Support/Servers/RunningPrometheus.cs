using System.Text.Json;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>Debian's Prometheus on a free port, with the alerts of the broker; it reads one broker each second.</summary>
internal sealed class RunningPrometheus : IAsyncDisposable
{
    private const string Program = "/usr/bin/prometheus";

    private readonly TemporaryFolder _folder;
    private readonly RunningProcess _process;
    private readonly HttpClient _http;

    private RunningPrometheus(TemporaryFolder folder, RunningProcess process, Uri url)
    {
        (_folder, _process) = (folder, process);
        _http = new HttpClient { BaseAddress = url, Timeout = RunningBroker.Patience };
    }

    /// <param name="broker">The port that answers <c>/metrics</c>.</param>
    public static async Task<RunningPrometheus> StartAsync(Uri broker)
    {
        Assert.That(File.Exists(Program), Is.True, "This test needs Debian's package prometheus; Broker.Tests/run.sh installs it.");
        var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "prometheus.yml"), $"""
            global: {"{"} scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s {"}"}
            rule_files: [ "{DeploymentFiles.PathOf(Docs.OperatorQueries.Alerts)}" ]
            scrape_configs:
              - job_name: clawevents
                static_configs: [ {"{"} targets: [ "{broker.Authority}" ] {"}"} ]
            """);
        var port = RunningRedis.FreePort();
        var process = RunningProcess.Start(
            Program, ["--config.file=prometheus.yml", "--storage.tsdb.path=data", $"--web.listen-address=127.0.0.1:{port}"], folder.Path);
        var prometheus = new RunningPrometheus(folder, process, new Uri($"http://127.0.0.1:{port}"));
        await Eventually.IsTrueAsync(prometheus.IsReadyAsync, "Prometheus starts");
        return prometheus;
    }

    /// <summary>The number of series in the answer; fails when it is no answer.</summary>
    /// <param name="query">With the variables of Grafana.</param>
    public async Task<int> CountAsync(string query)
    {
        var plain = query.Replace("$instance", ".*", StringComparison.Ordinal).Replace("$__rate_interval", "30s", StringComparison.Ordinal);
        using var response = await _http.GetAsync(new Uri($"/api/v1/query?query={Uri.EscapeDataString(plain)}", UriKind.Relative));
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.That(json.RootElement.GetProperty("status").GetString(), Is.EqualTo("success"), $"{query}: {json.RootElement}");
        return json.RootElement.GetProperty("data").GetProperty("result").GetArrayLength();
    }

    /// <summary>The names of the alerts that it evaluates.</summary>
    public async Task<string[]> AlertsAsync()
    {
        using var json = JsonDocument.Parse(await _http.GetStringAsync(new Uri("/api/v1/rules?type=alert", UriKind.Relative)));
        return
        [
            .. from rules in json.RootElement.GetProperty("data").GetProperty("groups").EnumerateArray()
               from rule in rules.GetProperty("rules").EnumerateArray()
               select rule.GetProperty("name").GetString(),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<bool> IsReadyAsync()
    {
        Assert.That(_process.HasExited, Is.False, "Prometheus has ended.");
        try
        {
            using var response = await _http.GetAsync(new Uri("/-/ready", UriKind.Relative));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
