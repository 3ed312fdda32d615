using System.Globalization;

namespace Orleans;

/// <summary>A stable name of an interface, method or type on the wire.</summary>
[AttributeUsage(
    AttributeTargets.Class | AttributeTargets.Interface | AttributeTargets.Struct | AttributeTargets.Enum | AttributeTargets.Method,
    AllowMultiple = true)]
public sealed class AliasAttribute(string alias) : Attribute
{
    public string Alias { get; } = alias;
}

/// <summary>Marks a type whose values cross grain calls or are stored. One process passes references, so the mark has no effect here.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum)]
public sealed class GenerateSerializerAttribute : Attribute
{
    public bool IncludePrimaryConstructorParameters { get; init; }
}

/// <summary>The number of a member on the wire; never reused.</summary>
[AttributeUsage(
    AttributeTargets.Field | AttributeTargets.Property | AttributeTargets.Parameter | AttributeTargets.Class | AttributeTargets.Struct
    | AttributeTargets.Enum | AttributeTargets.Method)]
public sealed class IdAttribute(uint id) : Attribute
{
    public uint Id { get; } = id;
}

/// <summary>Promises that values of the type, member or parameter never change, so that they need no copy.</summary>
[AttributeUsage(
    AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Field | AttributeTargets.Property | AttributeTargets.Parameter
    | AttributeTargets.ReturnValue, Inherited = false)]
public sealed class ImmutableAttribute : Attribute;

/// <summary>
/// How long callers of the method wait, where that is shorter than for others. It is for clusters, in which an answer can be lost with its silo; in one
/// process callers wait as long as the engine's options say.
/// </summary>
/// <param name="timeout">As <see cref="TimeSpan.Parse(string)"/> reads it.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ResponseTimeoutAttribute(string timeout) : Attribute
{
    public TimeSpan? Timeout { get; init; } = TimeSpan.Parse(timeout, CultureInfo.InvariantCulture);
}
