using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace ClawEvents.Broker.Transport;

/// <summary>The errors of Linux that the transport tells apart. errno(3)</summary>
internal enum Errno
{
    None = 0,
    Interrupted = 4,
    WouldBlock = 11,
    NoMemory = 12,
    AccessDenied = 13,
    InvalidArgument = 22,
    TooManyOpenFilesInSystem = 23,
    TooManyOpenFiles = 24,
    AddressFamilyNotSupported = 97,
    AddressInUse = 98,
    AddressNotAvailable = 99,
    NoBuffers = 105,
}

/// <summary>Turns errors of the system into the exceptions that Kestrel and its callers know.</summary>
internal static class ErrnoExceptions
{
    /// <param name="error">What the call left.</param>
    /// <param name="work">What failed, for the message: "bind [::1]:80".</param>
    public static Exception ToException(this Errno error, string work) => error switch
    {
        Errno.AddressInUse => new AddressInUseException($"{work}: {Describe(error)}"),
        Errno.AccessDenied => new SocketException((int)SocketError.AccessDenied, $"{work}: {Describe(error)}"),
        Errno.InvalidArgument => new SocketException((int)SocketError.InvalidArgument, $"{work}: {Describe(error)}"),
        Errno.AddressNotAvailable => new SocketException((int)SocketError.AddressNotAvailable, $"{work}: {Describe(error)}"),
        Errno.AddressFamilyNotSupported => new SocketException((int)SocketError.AddressFamilyNotSupported, $"{work}: {Describe(error)}"),
        Errno.TooManyOpenFiles or Errno.TooManyOpenFilesInSystem => new SocketException((int)SocketError.TooManyOpenSockets, $"{work}: {Describe(error)}"),
        _ => new IOException($"{work}: {Describe(error)}"),
    };

    /// <summary>The error's name, if it has one here, and the system's words for it.</summary>
    public static string Describe(this Errno error) => $"{Marshal.GetPInvokeErrorMessage((int)error)} ({error})";
}
