using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace ClawEvents.Broker.Transport;

/// <summary>The system does not let the broker listen on an address. The message is the reason, for the operator.</summary>
internal sealed class CannotListenException : IOException
{
    private CannotListenException(EndPoint endPoint, CannotListenReason reason, string message, Exception innerException)
        : base(message, innerException)
    {
        EndPoint = endPoint;
        Reason = reason;
    }

    /// <summary>Where it was to listen, as it was asked for.</summary>
    public EndPoint EndPoint { get; }

    public CannotListenReason Reason { get; }

    /// <summary>Runs the binding of a listener, whose faults come out as this exception.</summary>
    public static async ValueTask<T> ExplainAsync<T>(EndPoint endPoint, Func<ValueTask<T>> bind)
    {
        try
        {
            return await bind();
        }
        catch (Exception exception) when (exception is IOException or SocketException or AddressInUseException or UnauthorizedAccessException)
        {
            throw Explain(endPoint, exception);
        }
    }

    private static CannotListenException Explain(EndPoint endPoint, Exception exception) => exception switch
    {
        AddressInUseException or SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } =>
            new(endPoint, CannotListenReason.Taken, endPoint is UnixDomainSocketEndPoint ? "another program listens there, or a file is in its place" : "another program listens there", exception),
        UnauthorizedAccessException or SocketException { SocketErrorCode: SocketError.AccessDenied } =>
            new(endPoint, CannotListenReason.Forbidden, "the broker's user may not listen there", exception),
        SocketException { SocketErrorCode: SocketError.AddressFamilyNotSupported } =>
            new(endPoint, CannotListenReason.NoSuchAddress, "this machine has no IPv6", exception),
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable or SocketError.InvalidArgument } when endPoint is IPEndPoint =>
            new(endPoint, CannotListenReason.NoSuchAddress, "this machine does not have that address", exception),
        _ when endPoint is UnixDomainSocketEndPoint && !Directory.Exists(Path.GetDirectoryName(endPoint.ToString())) =>
            new(endPoint, CannotListenReason.NoSuchAddress, "its folder does not exist", exception),
        _ => new(endPoint, CannotListenReason.Other, exception.Message.TrimEnd('.'), exception),
    };
}

/// <summary>Why the broker cannot listen on an address.</summary>
internal enum CannotListenReason
{
    Other,

    /// <summary>Somebody else listens there.</summary>
    Taken,

    /// <summary>The user of the process has no right to.</summary>
    Forbidden,

    /// <summary>The machine does not have the address.</summary>
    NoSuchAddress,
}
