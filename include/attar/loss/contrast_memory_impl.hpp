// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <attar/core/parallel.hpp>
#include <attar/loss/contrast_memory.hpp>

namespace attar::detail {

template <std::floating_point T>
double ContrastMemory<T>::contrast(ContrastSide<T> student, ContrastSide<T> teacher,
                                   std::span<const std::uint32_t> drawn, std::span<const double> shares) {
  const std::size_t count = drawn.size() / shares.size();
  return hold_against(student, bank(1), level(0), drawn, count, shares) +
         hold_against(teacher, bank(0), level(1), drawn, count, shares);
}

template <std::floating_point T>
void ContrastMemory<T>::remember(const ImageRows<T>& student, const ImageRows<T>& teacher,
                                 std::span<const std::uint32_t> samples) {
  for (std::size_t image = 0; image < samples.size(); ++image) {
    const auto row = static_cast<::Eigen::Index>(image);
    for (const auto& [side, embeddings] : {std::pair{0, &student}, std::pair{1, &teacher}}) {
      auto kept = vector(bank(side), samples[image]);
      kept = static_cast<T>(momentum) * kept + static_cast<T>(1 - momentum) * embeddings->row(row);
      kept.normalize();
    }
  }
}

template <std::floating_point T>
template <class Row>
void ContrastMemory<T>::score(const Row& embedding, T* bank, std::span<const std::uint32_t> drawn,
                              Scores& scores) const {
  for (std::size_t k = 0; k < drawn.size(); ++k) {
    const T product = vector(bank, drawn[k]).dot(embedding);
    scores[static_cast<::Eigen::Index>(k)] = static_cast<double>(product) / temperature;
  }
}

template <std::floating_point T>
double ContrastMemory<T>::hold_against(ContrastSide<T> side, T* bank, T& level, std::span<const std::uint32_t> drawn,
                                       std::size_t count, std::span<const double> shares) {
  if (level == 0) level = static_cast<T>(mean_exponential(side, bank, drawn, count));
  // P / (K / samples) is the exponential of a score less this.
  const double noise = std::log(static_cast<double>(level) * static_cast<double>(count - 1));
  side.gradient.resize(side.embeddings.rows(), side.embeddings.cols());
  std::vector<double> losses(shares.size());
  parallel_ranges(shares.size(), [&](std::size_t begin, std::size_t end, std::size_t) {
    Scores scores(static_cast<::Eigen::Index>(count));
    for (std::size_t image = begin; image < end; ++image) {
      const std::span<const std::uint32_t> those = drawn.subspan(image * count, count);
      const auto row = static_cast<::Eigen::Index>(image);
      score(side.embeddings.row(row), bank, those, scores);
      losses[image] = shares[image] * differentiate(noise, scores);
      auto gradient = side.gradient.row(row);
      gradient.setZero();
      scores *= shares[image] / temperature;
      for (std::size_t k = 0; k < count; ++k) {
        gradient += static_cast<T>(scores[static_cast<::Eigen::Index>(k)]) * vector(bank, those[k]);
      }
    }
  });
  return std::accumulate(losses.begin(), losses.end(), 0.0);
}

template <std::floating_point T>
double ContrastMemory<T>::mean_exponential(const ContrastSide<T>& side, T* bank, std::span<const std::uint32_t> drawn,
                                           std::size_t count) const {
  Scores scores(static_cast<::Eigen::Index>(count));
  double sum = 0;
  for (::Eigen::Index image = 0; image < side.embeddings.rows(); ++image) {
    const auto first = static_cast<std::size_t>(image) * count;
    score(side.embeddings.row(image), bank, drawn.subspan(first, count), scores);
    sum += scores.exp().sum();
  }
  return sum / static_cast<double>(drawn.size());
}

template <std::floating_point T>
double ContrastMemory<T>::differentiate(double noise, Scores& scores) {
  scores -= noise;
  scores[0] = -scores[0];  // -log h for its own, -log(1 - h) for the others: both log(1 + exp(x)).
  const Scores small = (-scores.abs()).exp();
  const double loss = (scores.max(0) + (1 + small).log()).sum();
  scores = (scores > 0).select(1, small) / (1 + small);
  scores[0] = -scores[0];
  return loss;
}

}  // namespace attar::detail
