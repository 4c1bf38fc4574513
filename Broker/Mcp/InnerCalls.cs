using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using ClawEvents.Broker.Api;
using ClawEvents.Broker.Http;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.McpTools;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace ClawEvents.Broker.Mcp;

/// <summary>Calls the broker's own HTTP API without a network, as the caller of a request: its token, its address, and all checks and limits of the API.</summary>
/// <param name="outer">The caller's request.</param>
internal sealed class InnerCalls(RequestPipeline pipeline, HttpContext outer) : IBrokerCalls
{
    // By which the API knows the caller's address, past trusted proxies.
    private static readonly string[] Kept = [HeaderNames.Authorization, TrustedProxies.Header, "X-Forwarded-Proto"];

    /// <inheritdoc/>
    public string? Token => BearerAuthentication.IsBearer(outer.Request) ? BearerAuthentication.TokenOf(outer.Request) : null;

    /// <inheritdoc/>
    public async ValueTask<BrokerAnswer> CallAsync(string method, string path, byte[]? body, CancellationToken cancellation)
    {
        using var output = new MemoryStream();
        var context = Make(method, path, body, output, cancellation);
        await pipeline.RunAsync(context);
        await context.Response.CompleteAsync();
        return new(context.Response.StatusCode, TryParse(output.GetBuffer().AsSpan(0, (int)output.Length)));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> StreamAsync(string path, byte[] body, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation, outer.RequestAborted);
        var pipe = new Pipe();
        var context = Make(HttpMethods.Post, path, body, pipe.Writer.AsStream(), over.Token);
        var running = RunAsync(context, pipe.Writer);
        try
        {
            using var reader = new StreamReader(pipe.Reader.AsStream());
            while (await reader.ReadLineAsync(over.Token) is { } line)
            {
                if (context.Response.StatusCode != StatusCodes.Status200OK)
                {
                    throw new IOException($"{path} answers {context.Response.StatusCode}: {line}");
                }

                if (line.Length > 0)
                {
                    yield return line;
                }
            }
        }
        finally
        {
            await over.CancelAsync();
            await running;
        }
    }

    private async Task RunAsync(HttpContext context, PipeWriter output)
    {
        Exception? fault = null;
        try
        {
            await pipeline.RunAsync(context);
            await context.Response.CompleteAsync();
        }
        catch (Exception exception)
        {
            // The reader gets it, at the end of what has come before.
            fault = exception;
        }

        await output.CompleteAsync(fault);
    }

    private DefaultHttpContext Make(string method, string path, byte[]? body, Stream output, CancellationToken cancellation)
    {
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature());
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpMaxRequestBodySizeFeature>(new BodySize());
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(output));
        features.Set(InnerCall.Mark);
        var context = new DefaultHttpContext(features) { RequestServices = outer.RequestServices, RequestAborted = cancellation };
        var (to, from) = (context.Request, outer.Request);
        var parts = path.Split('?', 2);
        (to.Method, to.Scheme, to.Host, to.Protocol) = (method, from.Scheme, from.Host, from.Protocol);
        (to.Path, to.QueryString) = (PathString.FromUriComponent(parts[0]), new(parts.Length > 1 ? $"?{parts[1]}" : ""));
        (context.Connection.RemoteIpAddress, context.Connection.LocalPort) = (outer.Connection.RemoteIpAddress, outer.Connection.LocalPort);
        foreach (var name in Kept)
        {
            to.Headers[name] = from.Headers[name];
        }

        if (body is not null)
        {
            (to.Body, to.ContentLength, to.ContentType) = (new MemoryStream(body, writable: false), body.Length, "application/json");
        }

        return context;
    }

    // The outer request had its own limit: this one is only asked whether it can be set.
    private sealed class BodySize : IHttpMaxRequestBodySizeFeature
    {
        public bool IsReadOnly => false;

        public long? MaxRequestBodySize { get; set; }
    }

    private static JsonElement? TryParse(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonElement.Parse(body);
        }
        catch (JsonException)
        {
            // An empty or a plain answer.
            return null;
        }
    }
}
