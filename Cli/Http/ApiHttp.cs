namespace ClawEvents.Cli.Http;

/// <summary>Makes the client for a server's HTTP API.</summary>
internal static class ApiHttp
{
    // Far above any list the server sends; an endless answer from a wrong address must not fill the memory.
    private const int MaxAnswerBytes = 16 * 1024 * 1024;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <param name="trust">The authorities whose certificates count.</param>
    /// <param name="timeout">Of each request, with its body.</param>
    public static HttpClient Open(CertificateTrust trust, TimeSpan timeout) => new(new SocketsHttpHandler
    {
        // A redirected POST would arrive as a GET without its body: the error shows the target instead.
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = ConnectTimeout,
        SslOptions = { RemoteCertificateValidationCallback = trust.Accepts },
    })
    {
        Timeout = timeout,
        MaxResponseContentBufferSize = MaxAnswerBytes,
    };
}
