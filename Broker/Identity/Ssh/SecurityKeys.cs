using System.Security.Cryptography;

namespace ClawEvents.Broker.Identity.Ssh;

/// <summary>Verifies signatures of security keys (FIDO). PROTOCOL.u2f of OpenSSH.</summary>
/// <remarks>Such a key does not sign the bytes, but their hash, with the application that it was made for, flags and a counter around it.</remarks>
internal static class SecurityKeys
{
    private const int FlagBytes = 1;
    private const int CounterBytes = 4;

    // Somebody has touched the key. sshd needs it, too, unless it is told otherwise.
    private const byte UserPresent = 1;

    /// <inheritdoc cref="SshAlgorithms.IsEd25519"/>
    public static bool IsEd25519(ref SshReader key, ReadOnlySpan<byte> signed, ref SshReader signature)
    {
        var keyPart = key;
        var signaturePart = signature;
        return key.TryReadString(out _) && TryWrap(ref key, signed, ref signature, out var wrapped) && SshAlgorithms.IsEd25519(ref keyPart, wrapped, ref signaturePart);
    }

    /// <inheritdoc cref="SshAlgorithms.IsEcdsa"/>
    public static bool IsEcdsa(ref SshReader key, ReadOnlySpan<byte> signed, ref SshReader signature)
    {
        var keyPart = key;
        var signaturePart = signature;
        return key.TryReadString(out _)
            && key.TryReadString(out _)
            && TryWrap(ref key, signed, ref signature, out var wrapped)
            && SshAlgorithms.IsEcdsa(ref keyPart, wrapped, SshCurve.P256, ref signaturePart);
    }

    private static bool TryWrap(ref SshReader key, ReadOnlySpan<byte> signed, ref SshReader signature, out byte[] wrapped)
    {
        wrapped = [];
        if (!key.TryReadString(out var application)
            || !signature.TryReadString(out _)
            || !signature.TryReadBytes(FlagBytes, out var flags)
            || !signature.TryReadBytes(CounterBytes, out var counter)
            || (flags[0] & UserPresent) == 0)
        {
            return false;
        }

        wrapped = [.. SHA256.HashData(application), .. flags, .. counter, .. SHA256.HashData(signed)];
        return true;
    }
}
