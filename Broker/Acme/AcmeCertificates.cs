using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ClawEvents.Broker.Clock;
using ClawEvents.Broker.Files;
using ClawEvents.Broker.Http;

namespace ClawEvents.Broker.Acme;

/// <summary>Gets certificates for the hosts of the settings, keeps them in a folder, and renews them when a third of their time is left.</summary>
/// <remarks>Thread-safe. Open connections keep the certificate they began with. While a renewal fails, the certificate stays as it is.</remarks>
internal sealed partial class AcmeCertificates : BackgroundService
{
    private const string AccountFile = "account.key";

    // A client that connects before the first certificate is there waits so long.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan MostSleep = TimeSpan.FromHours(12);
    private static readonly Backoff Pauses = new(TimeSpan.FromMinutes(1), TimeSpan.FromHours(1));

    private readonly ConcurrentDictionary<string, Held> _held = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _firsts = new(StringComparer.OrdinalIgnoreCase);
    private readonly SemaphoreSlim _turn = new(1);
    private readonly AcmeOptions _options;
    private readonly AcmeChallenges _challenges;
    private readonly TimeProvider _time;
    private readonly ILogger<AcmeCertificates> _logger;

    /// <exception cref="IOException">The folder cannot be used.</exception>
    /// <exception cref="UnauthorizedAccessException">It belongs to another user.</exception>
    public AcmeCertificates(AcmeOptions options, AcmeChallenges challenges, TimeProvider time, ILogger<AcmeCertificates> logger)
    {
        (_options, _challenges, _time, _logger) = (options, challenges, time, logger);
        foreach (var host in options.Hosts)
        {
            _firsts[host] = new(TaskCreationOptions.RunContinuationsAsynchronously);
            TryTake(host);
        }
    }

    /// <summary>The certificate of a host; for clients that name none, or another one, that of the settings' host. Waits for the first one a while.</summary>
    /// <param name="name">That the client asks for; null: none.</param>
    /// <returns>Null when there is none yet.</returns>
    public async ValueTask<SslStreamCertificateContext?> FindAsync(string? name, CancellationToken cancellation)
    {
        var host = name is not null && _firsts.ContainsKey(name) ? name : _options.ServerName ?? _options.Hosts[0];
        if (!_held.ContainsKey(host))
        {
            await _firsts[host].Task.WaitAsync(Patience, _time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return _held.GetValueOrDefault(host)?.Context;
    }

    public override void Dispose()
    {
        _turn.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken) => await Task.WhenAll(_options.Hosts.Select(host => KeepAsync(host, stoppingToken)));

    private async Task KeepAsync(string host, CancellationToken stop)
    {
        var failures = 0;
        while (true)
        {
            var pause = _held.GetValueOrDefault(host) is { } held ? held.RenewAt - _time.GetUtcNow() : TimeSpan.Zero;
            if (pause <= TimeSpan.Zero)
            {
                failures = await TryRenewAsync(host, stop) ? 0 : failures + 1;
                pause = Pauses.After(Math.Max(1, failures), Random.Shared.NextDouble());
            }

            await Task.Delay(pause < MostSleep ? pause : MostSleep, _time, stop);
        }
    }

    private async Task<bool> TryRenewAsync(string host, CancellationToken stop)
    {
        try
        {
            // Another node may have done it. One at a time: all hosts have one account.
            await _turn.WaitAsync(stop);
            try
            {
                if (!TryTake(host))
                {
                    await WriteAsync(FileOf(host), await ObtainAsync(host, stop), stop);
                    if (!TryTake(host, isNew: true))
                    {
                        throw new AcmeException("the certificate of the server cannot be read");
                    }
                }
            }
            finally
            {
                _turn.Release();
            }

            Log.Taken(_logger, host, _held[host].RenewAt);
            return true;
        }
        catch (Exception exception) when (exception is AcmeException or HttpRequestException or CryptographicException or IOException or UnauthorizedAccessException || (exception is TaskCanceledException && !stop.IsCancellationRequested))
        {
            Log.Failed(_logger, host, exception.Message);
            return false;
        }
    }

    private async Task<string> ObtainAsync(string host, CancellationToken stop)
    {
        using var http = Connect();
        using var key = await AccountKeyAsync(stop);
        var account = new AcmeAccount(http, _options.Directory, key);
        await account.SignInAsync(_options.Email, stop);
        return await new AcmeOrder(account, _challenges, _options.HttpPort is not null, _time).RunAsync(host, stop);
    }

    private HttpClient Connect()
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ActivityHeadersPropagator = null };
        new ClientTls(_options.AuthorityFile, null, null, null).Apply(handler.SslOptions);
        return new HttpClient(handler) { Timeout = Patience, MaxResponseContentBufferSize = 1024 * 1024, DefaultRequestHeaders = { { "User-Agent", "clawevents-broker" } } };
    }

    private async Task<ECDsa> AccountKeyAsync(CancellationToken stop)
    {
        var file = Path.Combine(_options.Folder, AccountFile);
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (File.Exists(file))
        {
            key.ImportFromPem(await File.ReadAllTextAsync(file, stop));
        }
        else
        {
            await WriteAsync(file, key.ExportPkcs8PrivateKeyPem(), stop);
        }

        return key;
    }

    // Takes the certificate of the folder, unless it is missing or due.
    private bool TryTake(string host, bool isNew = false)
    {
        var file = FileOf(host);
        if (!File.Exists(file) || Held.Read(File.ReadAllText(file)) is not { } held || (!isNew && held.RenewAt <= _time.GetUtcNow()))
        {
            return false;
        }

        _held[host] = held;
        _firsts[host].TrySetResult();
        return true;
    }

    private string FileOf(string host) => Path.Combine(_options.Folder, $"{host}.pem");

    // A file that is cut short is never seen.
    private static async Task WriteAsync(string file, string text, CancellationToken stop)
    {
        var fresh = $"{file}.new";
        await using (var stream = new FileStream(fresh, DataFolder.FileOptions(FileMode.Create)))
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(text), stop);
            stream.Flush(flushToDisk: true);
        }

        File.Move(fresh, file, overwrite: true);
    }

    private sealed record Held(SslStreamCertificateContext Context, DateTimeOffset RenewAt)
    {
        private const int Part = 3;

        public static Held? Read(string pem)
        {
            try
            {
                var all = new X509Certificate2Collection();
                all.ImportFromPem(pem);
                var own = X509Certificate2.CreateFromPem(pem, pem);
                var (begin, end) = (new DateTimeOffset(own.NotBefore), new DateTimeOffset(own.NotAfter));
                return new(SslStreamCertificateContext.Create(own, all, offline: true), end - ((end - begin) / Part));
            }
            catch (Exception exception) when (exception is CryptographicException or ArgumentException)
            {
                // Damaged: a new one takes its place.
                return null;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The certificate of {Host} is in use; it is renewed from {RenewAt:yyyy-MM-ddTHH:mm:ssZ} on.")]
        public static partial void Taken(ILogger logger, string host, DateTimeOffset renewAt);

        [LoggerMessage(2, LogLevel.Warning, "No certificate for {Host} now, it is tried again: {Fault}")]
        public static partial void Failed(ILogger logger, string host, string fault);
    }
}
