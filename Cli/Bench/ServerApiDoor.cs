using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Bench;

/// <summary>Publishes as a back end does, through the server API, which has no limit per publisher.</summary>
internal sealed class ServerApiDoor(BenchOptions options) : IBenchDoor
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = options.InFlight, AllowAutoRedirect = false, UseCookies = false, SslOptions = { RemoteCertificateValidationCallback = options.Trust.Accepts } })
    {
        Timeout = TimeSpan.FromSeconds(30),
    };

    // A slash at the end of the server's address would become two.
    private readonly Uri _address = new($"{options.Api.AbsoluteUri.TrimEnd('/')}/api/publish");

    public Task OpenAsync(CancellationToken stop) => Task.CompletedTask;

    public async Task<string?> PublishAsync(ReadOnlyMemory<byte> data, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _address) { Content = new ByteArrayContent(Body(data)) };
        request.Headers.Add("X-API-Key", options.Key);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        try
        {
            using var response = await _http.SendAsync(request, stop);
            return Refusal(response, await response.Content.ReadAsByteArrayAsync(stop));
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new BenchFailedException($"The server API cannot be reached: {ConnectFault.Of(exception, options.Api.Host, options.Trust).Reason}", exception);
        }
        catch (OperationCanceledException exception) when (!stop.IsCancellationRequested)
        {
            throw new BenchFailedException("The server API does not answer", exception);
        }
    }

    public void Dispose() => _http.Dispose();

    private byte[] Body(ReadOnlyMemory<byte> data) => JsonText.Object(json =>
    {
        json.WriteString("channel"u8, options.Channel);
        json.WritePropertyName("data"u8);
        json.WriteRawValue(data.Span, skipInputValidation: true);
    });

    // Its errors come with status 200, unless the server is set up otherwise.
    private static string? Refusal(HttpResponseMessage response, byte[] body)
    {
        if (JsonText.TryParse(body) is { ValueKind: JsonValueKind.Object } answer && answer.TryGetProperty("error"u8, out var error))
        {
            return error.ValueKind is JsonValueKind.Object && error.TryGetProperty("message"u8, out var message) ? message.ToString() : error.ToString();
        }
        return response.IsSuccessStatusCode ? null : string.Create(CultureInfo.InvariantCulture, $"HTTP {(int)response.StatusCode}");
    }
}
