using System.Buffers.Binary;
using System.Globalization;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Proxies;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace ClawEvents.Broker.Transports;

/// <summary>The unidirectional stream over gRPC, on a port of its own: one message from the client, and pushes until the end. docs/reference/grpc.md#stream</summary>
/// <remarks>
/// DESIGN. The bytes of gRPC over HTTP/2 are written here, without its library: a publication is encoded once for all subscribers, which a
/// library that serializes a message for each of them could not do. Everything else is that of the other streams.
/// </remarks>
internal sealed class UniGrpcEndpoint(GrpcOptions options, ConnectionServices services, StreamOpening opening, ConnectionLimits limits, TrustedProxies proxies)
{
    private const string Path = "/centrifugal.centrifugo.unistream.CentrifugoUniStream/Consume";
    private const string ContentType = "application/grpc";
    private const int PrefixBytes = 5;

    public async Task HandleAsync(HttpContext context)
    {
        if (context.Request.Path != Path || context.Request.ContentType?.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase) is not true)
        {
            await RefuseAsync(context.Response, StatusCode.Unimplemented, $"this port has one method: {Path[1..]}");
        }
        else if (await OpenAsync(context) is { } stream)
        {
            await opening.RunAsync(stream);
            context.Response.AppendTrailer("grpc-status", "0");
        }
    }

    /// <summary>Refuses a call before its response has begun.</summary>
    /// <param name="text">ASCII, without percent signs: how to fix the call.</param>
    public static Task RefuseAsync(HttpResponse response, StatusCode status, string text)
    {
        response.ContentType = ContentType;
        response.Headers["grpc-status"] = ((int)status).ToString(CultureInfo.InvariantCulture);
        response.Headers["grpc-message"] = text;
        return response.CompleteAsync();
    }

    // Null when it was refused. The body is released before the stream continues.
    private async Task<OpenStream?> OpenAsync(HttpContext context)
    {
        try
        {
            using var body = await context.Request.ReadBodyAsync(options.Stream!.MaxMessageBytes + PrefixBytes);
            return await OpenAsync(context, body.Bytes);
        }
        catch (BadHttpRequestException) when (!context.Response.HasStarted)
        {
            await RefuseAsync(context.Response, StatusCode.ResourceExhausted, $"the request may have at most {options.Stream!.MaxMessageBytes} bytes (UniGrpcMaxMessageBytes)");
            return null;
        }
    }

    private async Task<OpenStream?> OpenAsync(HttpContext context, ReadOnlyMemory<byte> body)
    {
        var address = proxies.ClientOf(context);
        if (body.Length < PrefixBytes || BinaryPrimitives.ReadUInt32BigEndian(body.Span[1..]) != body.Length - PrefixBytes)
        {
            await RefuseAsync(context.Response, StatusCode.InvalidArgument, "the request must be one message");
        }
        else if (body.Span[0] != 0)
        {
            context.Response.Headers["grpc-accept-encoding"] = "identity";
            await RefuseAsync(context.Response, StatusCode.Unimplemented, "the request must not be compressed");
        }
        else if (!Wire.UniGrpc.Codec.TryReadConnect(body[PrefixBytes..], out _))
        {
            await RefuseAsync(context.Response, StatusCode.InvalidArgument, "the request must be a ConnectRequest");
        }
        else if (limits.Enter(address) is { } refusal)
        {
            await RefuseAsync(context.Response, StatusCode.Unavailable, refusal.Text);
        }
        else
        {
            var headers = ClientHeaders.Of(context.Request.Headers, services.KeptHeaders);
            return await opening.BeginAsync(context, headers, address, Wire.UniGrpc, body[PrefixBytes..], () => WriteHeadAsync(context));
        }

        return null;
    }

    private static Task WriteHeadAsync(HttpContext context)
    {
        context.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();

        // The outbound queue limits how slow a client may be.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        context.Response.ContentType = ContentType;
        return context.Response.StartAsync();
    }
}
