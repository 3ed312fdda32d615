using System.Reflection;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Orleans;

/// <summary>A grain call under way, as filters see it.</summary>
public interface IGrainCallContext
{
    IInvokable Request { get; }

    /// <summary>The grain object (incoming) or the reference (outgoing).</summary>
    object Grain { get; }

    /// <summary>The calling grain; null when the caller is none.</summary>
    GrainId? SourceId { get; }

    GrainId TargetId { get; }

    string InterfaceName { get; }

    string MethodName { get; }

    MethodInfo InterfaceMethod { get; }

    /// <summary>The result once <see cref="Invoke"/> has run; a filter may replace it.</summary>
    object? Result { get; set; }

    /// <summary>Goes on to the next filter and, in the end, to the method.</summary>
    Task Invoke();
}

/// <inheritdoc cref="IGrainCallContext"/>
public interface IIncomingGrainCallContext : IGrainCallContext
{
    IGrainContext TargetContext { get; }

    MethodInfo ImplementationMethod { get; }
}

/// <inheritdoc cref="IGrainCallContext"/>
public interface IOutgoingGrainCallContext : IGrainCallContext
{
    IGrainContext? SourceContext { get; }
}

/// <summary>Runs around every call on the callee's side, in the callee's turn. Registered as a service, or implemented by a grain for itself.</summary>
public interface IIncomingGrainCallFilter
{
    Task Invoke(IIncomingGrainCallContext context);
}

/// <summary>Runs around every call on the caller's side. Registered as a service.</summary>
public interface IOutgoingGrainCallFilter
{
    Task Invoke(IOutgoingGrainCallContext context);
}
