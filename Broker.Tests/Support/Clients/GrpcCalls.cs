using Grpc.Core;
using Grpc.Net.Client;

namespace ClawEvents.Broker.Tests.Support.Clients;

/// <summary>Real clients of gRPC. They accept any certificate: the tests make their own.</summary>
internal static class GrpcCalls
{
    public static GrpcChannel Open(Uri address)
    {
        var handler = new SocketsHttpHandler();
#pragma warning disable CA5359 // The test made the certificate itself.
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        return GrpcChannel.ForAddress(address, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true, MaxSendMessageSize = null });
    }

    /// <summary>The metadata with a key.</summary>
    public static Metadata Key(string key) => new() { { "authorization", $"apikey {key}" } };

    /// <summary>The status with which a call fails.</summary>
    public static async Task<Status> StatusOfAsync<TResponse>(AsyncUnaryCall<TResponse> call)
    {
        using (call)
        {
            await Assert.ThatAsync(() => call.ResponseAsync, Throws.TypeOf<RpcException>());
            return call.GetStatus();
        }
    }
}
