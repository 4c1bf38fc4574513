using System.Buffers.Binary;
using ClawEvents.Broker.Identity.Ssh;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Identity.Ssh;

internal sealed class SshPublicKeyTests
{
    private static readonly byte[] Ed25519 = Blob("ssh-ed25519"u8.ToArray(), new byte[32]);

    [TestCase("ed25519", 0)]
    [TestCase("ecdsa", 256)]
    [TestCase("ecdsa", 384)]
    [TestCase("ecdsa", 521)]
    [TestCase("rsa", 2048)]
    [TestCase("rsa", 3072)]
    public async Task A_key_of_ssh_keygen_is_accepted_without_its_comment(string type, int bits)
    {
        using var pair = await SshKeyPair.CreateAsync(type, bits);

        Assert.That(SshPublicKey.TryParse($"{pair.PublicKey}\n", out var key), Is.True);
        Assert.That($"{key} a comment", Is.EqualTo(pair.PublicKey));
    }

    [Test]
    public void A_key_on_a_security_key_is_accepted()
    {
        var ed25519 = Blob("sk-ssh-ed25519@openssh.com"u8.ToArray(), new byte[32], "ssh:"u8.ToArray());
        var ecdsa = Blob("sk-ecdsa-sha2-nistp256@openssh.com"u8.ToArray(), "nistp256"u8.ToArray(), Point(65), "ssh:"u8.ToArray());

        Assert.That(IsKey("sk-ssh-ed25519@openssh.com", ed25519), Is.True);
        Assert.That(IsKey("sk-ecdsa-sha2-nistp256@openssh.com", ecdsa), Is.True);
        Assert.That(IsKey("sk-ssh-ed25519@openssh.com", ed25519[..^8]), Is.False);
    }

    [TestCase(2047, 65537, false)]
    [TestCase(2048, 65537, true)]
    [TestCase(16384, 65537, true)]
    [TestCase(16392, 65537, false)]
    [TestCase(2048, 1, false)]
    public void An_RSA_key_has_2048_to_16384_bits_and_an_exponent(int bits, int exponent, bool isKey)
    {
        // The highest bit of an mpint is its sign: a number that has it set is preceded by a zero.
        var digits = new byte[(bits + 7) / 8];
        digits[0] = (byte)(1 << ((bits - 1) % 8));
        var modulus = digits[0] > 127 ? [0, .. digits] : digits;
        var number = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, exponent);

        Assert.That(IsKey("ssh-rsa", Blob("ssh-rsa"u8.ToArray(), number.AsSpan().TrimStart((byte)0).ToArray(), modulus)), Is.EqualTo(isKey));
    }

    [Test]
    public void A_blob_that_is_not_one_whole_key_of_the_named_type_is_invalid()
    {
        Assert.That(IsKey("ssh-ed25519", Ed25519), Is.True);
        Assert.That(IsKey("ssh-rsa", Ed25519), Is.False, "another type inside");
        Assert.That(IsKey("ssh-ed25519", [.. Ed25519, 0]), Is.False, "with something after it");
        Assert.That(IsKey("ssh-ed25519", Ed25519[..^1]), Is.False, "truncated");
        Assert.That(IsKey("ssh-ed25519", [255, 255, 255, 255, 1]), Is.False, "a length beyond the end");
        Assert.That(IsKey("ssh-ed25519", Blob("ssh-ed25519"u8.ToArray(), new byte[31])), Is.False, "too short");
        Assert.That(IsKey("ssh-dss", Blob("ssh-dss"u8.ToArray(), new byte[32])), Is.False, "an obsolete type");
        Assert.That(IsKey("ecdsa-sha2-nistp256", Blob("ecdsa-sha2-nistp256"u8.ToArray(), "nistp384"u8.ToArray(), Point(65))), Is.False, "another curve");
        Assert.That(IsKey("ecdsa-sha2-nistp256", Blob("ecdsa-sha2-nistp256"u8.ToArray(), "nistp256"u8.ToArray(), Point(33))), Is.False, "half a point");
        Assert.That(IsKey("ssh-rsa", Blob("ssh-rsa"u8.ToArray(), [3], [0x80, .. new byte[255]])), Is.False, "negative");
    }

    [TestCase("")]
    [TestCase("ssh-ed25519")]
    [TestCase("ssh-ed25519 ")]
    [TestCase("ssh-ed25519 nonsense")]
    [TestCase("KEY")]
    [TestCase(" ssh-ed25519 KEY")]
    [TestCase("ssh-ed25519  KEY")]
    [TestCase("ssh-ed25519 KEY\nssh-ed25519 KEY")]
    [TestCase("ssh-ed25519 KEY\r\n")]
    [TestCase("ssh-ed25519 KEY\n\n")]
    [TestCase("ssh-ed25519\tKEY")]
    [TestCase("ssh-ed25519 KEY a\0b")]
    [TestCase("SSH-ED25519 KEY")]
    [TestCase("cert-authority ssh-ed25519 KEY")]
    [TestCase("namespaces=\"file\" ssh-ed25519 KEY")]
    [TestCase("ssh-ed25519-cert-v01@openssh.com KEY")]
    [TestCase("-----BEGIN OPENSSH PRIVATE KEY-----")]
    public void Text_of_another_form_is_not_a_key(string text)
    {
        Assert.That(SshPublicKey.TryParse(text.Replace("KEY", Convert.ToBase64String(Ed25519), StringComparison.Ordinal), out _), Is.False);
    }

    [Test]
    public void A_comment_may_be_long_up_to_a_limit()
    {
        var text = $"ssh-ed25519 {Convert.ToBase64String(Ed25519)} ";

        Assert.That(SshPublicKey.TryParse(text.PadRight(8192, 'a'), out _), Is.True);
        Assert.That(SshPublicKey.TryParse(text.PadRight(8193, 'a'), out _), Is.False);
    }

    private static bool IsKey(string type, byte[] blob) => SshPublicKey.TryParse($"{type} {Convert.ToBase64String(blob)}", out _);

    private static byte[] Point(int length) => [4, .. new byte[length - 1]];

    private static byte[] Blob(params byte[][] parts) => [.. parts.SelectMany(part => WithLength(part))];

    private static byte[] WithLength(byte[] part)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, part.Length);
        return [.. length, .. part];
    }
}
