// SPDX-License-Identifier: MIT
#include <attar/loss/adapter_impl.hpp>
#include <attar/loss/angles_impl.hpp>
#include <attar/loss/contrast_memory_impl.hpp>
#include <attar/loss/correlation_impl.hpp>
#include <attar/loss/distances_impl.hpp>
#include <attar/loss/gram_state_impl.hpp>
#include <attar/loss/probabilistic_impl.hpp>
#include <attar/loss/similarity_impl.hpp>

namespace attar::detail {

template double compare_angles(const PairMatrix&, const PairMatrix&, PairMatrix&);
template double compare_correlations(const PairMatrix&, const PairMatrix&, PairMatrix&);
template double compare_distances(const PairMatrix&, const PairMatrix&, PairMatrix&);
template double compare_probabilities(const PairMatrix&, const PairMatrix&, PairMatrix&);
template double compare_similarities(const PairMatrix&, const PairMatrix&, PairMatrix&);

template class Adapter<float>;
template class ContrastMemory<float>;
template class CentredRows<float>;
template class UnitRows<float>;
template void gram_products(const ImageRows<float>&, PairMatrix&);
template void gram_gradient(double, const PairMatrix&, const ImageRows<float>&, ImageRows<float>&);
template void add_rows(const ImageRows<float>&, std::span<float>);
template class Adapter<double>;
template class ContrastMemory<double>;
template class CentredRows<double>;
template class UnitRows<double>;
template void gram_products(const ImageRows<double>&, PairMatrix&);
template void gram_gradient(double, const PairMatrix&, const ImageRows<double>&, ImageRows<double>&);
template void add_rows(const ImageRows<double>&, std::span<double>);

}  // namespace attar::detail
